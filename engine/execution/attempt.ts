import {
  type Failure,
  isPromise,
  type JsonObject,
  type JsonValue,
  type MaybePromise,
  type StepContext,
  StepError,
  type StepType,
  type Suspension,
} from "../model/index.ts";
import type { RunPorts } from "./ports.ts";

/** The largest number of issues that a failure's message names. */
const MAX_ISSUES = 5;
const MAX_MESSAGE_LENGTH = 2_000;

/** Checks a resolved config against its step type. Defaults are filled in. */
export function parseConfig(type: StepType, config: JsonValue): unknown {
  const parsed = type.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, MAX_ISSUES)
    .map(
      (issue) =>
        `config${issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")}: ${issue.message}`,
    );
  throw new StepError("CONFIG_INVALID", issues.join("; "), { retryable: false });
}

export function isSuspension(value: unknown): value is Suspension {
  return typeof value === "object" && value !== null && "suspend" in value;
}

export interface Away {
  begin(): void;
  /** Null: it may go on at once. */
  end(): Promise<void> | null;
}

/**
 * Runs one attempt, ended by its timeout or by `controller`. A step that does not heed its signal is left behind:
 * its result is not waited for.
 */
export function runAttempt(
  ports: RunPorts,
  type: StepType,
  config: unknown,
  context: StepContext,
  timeoutSeconds: number | null,
  controller: AbortController,
  /** Told when it waits for an answer from outside, and to be heeded before it goes on. */
  away?: Away,
): MaybePromise<JsonValue | Suspension> {
  const working = ports.invoke(type, config, context) as MaybePromise<JsonValue | Suspension>;
  return isPromise(working) ? awaited(working, timeoutSeconds, controller, away) : working;
}

async function awaited(
  working: Promise<JsonValue | Suspension>,
  timeoutSeconds: number | null,
  controller: AbortController,
  away?: Away,
): Promise<JsonValue | Suspension> {
  working.catch(() => {});
  const timer =
    timeoutSeconds === null
      ? undefined
      : setTimeout(
          () =>
            controller.abort(
              new StepError("TIMEOUT", `The attempt took longer than timeout_seconds (${timeoutSeconds} s)`),
            ),
          timeoutSeconds * 1_000,
        );
  away?.begin();
  try {
    return await Promise.race([working, aborted(controller.signal)]);
  } catch (error) {
    // Whatever the step made of being aborted, the reason is what counts.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    const entering = away?.end();
    if (entering) await entering;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

export function toStepError(error: unknown): StepError {
  if (error instanceof StepError) return error;
  return new StepError("STEP_FAILED", error instanceof Error ? error.message : String(error), { cause: error });
}

/** As it is stored: bounded, and without secrets. */
export function toFailure(
  secrets: { mask<T extends JsonValue>(value: T): T },
  error: StepError,
  step?: string,
): Failure {
  const failure: Failure = {
    code: error.code,
    message: error.message.slice(0, MAX_MESSAGE_LENGTH),
    ...(step === undefined ? {} : { step }),
    ...(error.details === undefined ? {} : { details: error.details as JsonObject }),
  };
  return secrets.mask(failure as unknown as JsonObject) as unknown as Failure;
}
