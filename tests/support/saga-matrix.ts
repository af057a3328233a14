import type { JsonObject } from "../../engine/index.ts";

/** Commands of the saga whose every way of failing is tried. */
export const commands = ["one", "two", "three", "four"] as const;
/** Undoing it asks for `when: attempted`, and is what fails. */
export const ATTEMPTED = "two";
/** Attempts of an undoing. One that fails as often has failed for good. */
export const UNDO_ATTEMPTS = 3;

export interface Case {
  /** The command that is refused; null: none. */
  readonly fail: string | null;
  /** How often undoing `two` fails. */
  readonly undoFails: number;
  /** Whether `two` is the pivot. */
  readonly pivot: boolean;
  /** Where it is cancelled: before the command is sent, or when it has been carried out and nobody knows. */
  readonly cancel: { readonly when: "before" | "after"; readonly command: string } | null;
}

export function casesOf(): Case[] {
  const cases: Case[] = [];
  for (const pivot of [false, true]) {
    for (const undoFails of [0, 1, UNDO_ATTEMPTS]) {
      for (const fail of [...commands, null]) cases.push({ fail, undoFails, pivot, cancel: null });
    }
    for (const command of commands) {
      for (const when of ["before", "after"] as const) {
        cases.push({ fail: null, undoFails: 1, pivot, cancel: { when, command } });
      }
    }
  }
  return cases;
}

export function keyOf(run: string, { fail, undoFails, pivot, cancel }: Case): string {
  return [run, fail ?? "none", undoFails, pivot ? "pivot" : "plain", cancel?.when ?? "", cancel?.command ?? ""].join(
    "/",
  );
}

const retry = { initial_seconds: 0.01, jitter: "none" };

export function typeOf(pivot: boolean): JsonObject {
  return {
    name: pivot ? "pivot" : "plain",
    steps: commands.map((command) => ({
      name: command,
      service: "shop",
      command,
      retry: { max_attempts: 2, ...retry },
      ...(pivot && command === ATTEMPTED && { pivot }),
      compensation: {
        command: `undo_${command}`,
        ...(command === ATTEMPTED && { when: "attempted" }),
        retry: { max_attempts: UNDO_ATTEMPTS, ...retry },
      },
    })),
  } as unknown as JsonObject;
}
