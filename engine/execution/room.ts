import type { JsonValue } from "../json.ts";
import { jsonSize } from "../json-size.ts";
import { StepError } from "../steps/step-error.ts";
import type { ExecutionRun } from "./run.ts";

/**
 * Characters of JSON that one execution may hold: what it was started with, and its steps' inputs and outputs. All of it
 * is in memory while something of the execution runs, and one that outgrew the memory would take every other down with
 * it, again after each restart. (Temporal bounds a history at 50 MB.)
 */
const MAX_SIZE = 64 * 1024 * 1024;

export function hasRoomFor(run: ExecutionRun, value: JsonValue): boolean {
  return run.entry.size + jsonSize(value) <= MAX_SIZE;
}

export function tooLarge(what: "input" | "output"): StepError {
  return new StepError(
    "EXECUTION_TOO_LARGE",
    `With the ${what} of this step the execution would hold more than ${MAX_SIZE} characters of data: keep large data in files, or split the work into several executions`,
    { retryable: false },
  );
}
