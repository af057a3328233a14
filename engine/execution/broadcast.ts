import type { SignalData } from "../model/index.ts";
import { type Queries, sendSignals, type WaitingStep } from "../store/index.ts";
import { answers } from "./match.ts";

/** An event that is for every step that waits when it comes, in whichever execution. */
export type BroadcastEvent = Required<Omit<SignalData & { kind: "event" }, "kind" | "step_id">>;

/** Leaves the event to those of the steps that it answers. Returns whose they are: to be woken after the commit. */
export async function broadcast(
  tx: Queries,
  waiting: readonly WaitingStep[],
  event: BroadcastEvent,
): Promise<readonly number[]> {
  const receivers = waiting.filter(({ wait }) => answers(event, wait));
  if (receivers.length === 0) return [];
  const signals = receivers.map(({ executionId, stepId }) => ({
    executionId,
    data: { kind: "event", ...event, step_id: stepId } as const,
  }));
  await sendSignals(tx, signals);
  return receivers.map(({ executionId }) => executionId);
}
