import { jsonSize } from "../large-json/index.ts";
import { type JsonValue, StepError } from "../model/index.ts";
import type { ExecutionRun } from "./run.ts";

export function isWithinLimit(run: ExecutionRun, value: JsonValue): boolean {
  return run.entry.size + jsonSize(value) <= run.place.maxSize;
}

export function tooLarge(run: ExecutionRun, what: "input" | "output"): StepError {
  return new StepError(
    "EXECUTION_TOO_LARGE",
    `With the ${what} of this step the execution would hold more than ${run.place.maxSize} characters of data: keep large data in files, or split the work into several executions`,
    { retryable: false },
  );
}
