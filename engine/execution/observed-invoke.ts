import type { Observer } from "../observer.ts";
import type { StepContext } from "../steps/step-type.ts";
import { isSuspension } from "./attempt.ts";
import type { RunPorts } from "./ports.ts";

/** Tells the observer of every call of a step type. A synchronous step stays synchronous. */
export function observedInvoke(invoke: RunPorts["invoke"], observer: Observer | undefined): RunPorts["invoke"] {
  if (!observer) return invoke;
  return (type, config, given) => {
    const traceparent = observer.attemptStarted?.(type.type, given) ?? null;
    const context: StepContext = traceparent === null ? given : { ...given, traceparent };
    const startedAt = performance.now();
    const end = (output: unknown): unknown => {
      const how = isSuspension(output) ? "suspended" : "completed";
      observer.attemptEnded(type.type, how, performance.now() - startedAt, context);
      return output;
    };
    const fail = (error: unknown): never => {
      observer.attemptEnded(type.type, "failed", performance.now() - startedAt, context);
      throw error;
    };
    let output: unknown;
    try {
      output = invoke(type, config, context);
    } catch (error) {
      return fail(error);
    }
    return output instanceof Promise ? output.then(end, fail) : end(output);
  };
}
