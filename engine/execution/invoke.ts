import type { AttemptEnd, Observer } from "../model/index.ts";
import type { Probe } from "../runtime/index.ts";
import { isSuspension } from "./attempt.ts";
import type { RunPorts } from "./ports.ts";

/** Tells the observer of every call of a step type. A synchronous step stays synchronous. */
export function observedInvoke(invoke: RunPorts["invoke"], observer: Observer | undefined): RunPorts["invoke"] {
  if (!observer) return invoke;
  return (type, config, context) => {
    const { traceparent } = context;
    context.traceparent = observer.attemptStarted?.(type.type, context) ?? traceparent;
    const startedAt = performance.now();
    const ended = (how: AttemptEnd): void => {
      observer.attemptEnded(type.type, how, performance.now() - startedAt, context);
      // When the same is tried again, its span hangs where this one did.
      context.traceparent = traceparent;
    };
    const end = (output: unknown): unknown => {
      ended(isSuspension(output) ? "suspended" : "completed");
      return output;
    };
    const fail = (error: unknown): never => {
      ended("failed");
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

/** Passes the named points around each effect; the crash tests end the process there. */
export function probedInvoke(invoke: RunPorts["invoke"], probe: Probe | undefined): RunPorts["invoke"] {
  if (!probe) return invoke;
  const effect: RunPorts["invoke"] = async (type, config, context) => {
    probe("effect.before");
    const output = await invoke(type, config, context);
    probe("effect.after");
    return output;
  };
  return (type, ...rest) => (type.effect === "none" ? invoke : effect)(type, ...rest);
}
