import type { Observer } from "../engine/index.ts";
import type { Metrics } from "./metrics/index.ts";
import { currentTrace, type Tracing } from "./tracing/index.ts";

const MS = 1_000;

/** Hands what the engine tells to the metrics, and to the traces when they are exported. */
export function createObserver(metrics: Metrics, tracing: Tracing | null): Observer {
  return {
    currentTraceparent: () => currentTrace()?.traceparent ?? tracing?.newTrace() ?? null,
    ...(tracing && { attemptStarted: (type, context) => tracing.attemptStarted(type, context) }),
    attemptEnded: (type, end, durationMs, context) => {
      metrics.attemptEnded(type, end, durationMs / MS);
      tracing?.attemptEnded(end, context);
    },
    executionStarted: ({ triggerType }) => metrics.executionStarted(triggerType),
    executionEnded: (execution) => {
      const { status, startedAt, createdAt, completedAt, error } = execution;
      const seconds = ((completedAt ?? Date.now()) - (startedAt ?? createdAt)) / MS;
      metrics.executionEnded(status, seconds, error?.code ?? null);
      tracing?.executionEnded(execution);
    },
    flushed: (flush) => metrics.flushed(flush),
    executionsRemoved: (count) => metrics.executionsRemoved(count),
  };
}
