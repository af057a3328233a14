import { DomainError, type ErrorCode, isExecutionOver } from "../model/index.ts";
import type { FamilyMember, FamilyStanding } from "../store/index.ts";

/** Why a family is not removed. */
export interface Refusal {
  readonly error: DomainError;
  /** It will be over in a moment. */
  readonly passes: boolean;
}

/** A family as its rows are, which are locked. */
export interface Family {
  readonly head: number;
  readonly members: readonly FamilyMember[];
  /** Absent: there is no such execution. */
  readonly standing: FamilyStanding | undefined;
  /** Domain events are still to be made of what one of them did a moment ago. */
  readonly isUntold: boolean;
}

/** The one rule of what may be removed. `sparesUnsent`: not while a webhook is to be delivered. */
export function refusalOf({ head, members, standing, isUntold }: Family, sparesUnsent: boolean): Refusal | null {
  if (!standing) return refusal("Execution not found", false, "EXECUTION_NOT_FOUND");
  const own = members.find(({ id }) => id === head);
  if (!own || members.length < standing.members) return refusal("Somebody is at work on it: try again", true);
  if (own.parentId !== null) return refusal(`It is a child of execution ${own.parentId}, and goes with it`);
  const unfinished = members.find(({ status }) => !isExecutionOver(status));
  if (unfinished) {
    const which = unfinished === own ? "Execution" : `Its child execution ${unfinished.id}`;
    return refusal(`${which} is not over (status: ${unfinished.status})`);
  }
  if (standing.isHeld) return refusal("It is held, or a child of it is: release it first");
  if (standing.isAsked) return refusal("It has been asked something that it has not acted on yet: try again", true);
  if (isUntold) return refusal("Domain events of it are still to be made: try again in a minute", true);
  return sparesUnsent && standing.isUnsent ? refusal("A webhook of it is still to be delivered") : null;
}

function refusal(message: string, passes = false, code: ErrorCode = "INVALID_STATE"): Refusal {
  return { error: new DomainError(code, message, { field: "execution_id" }), passes };
}
