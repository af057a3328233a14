import { Kind, type OperationDefinitionNode } from "graphql";
import type { ObserveOperation } from "../graphql/index.ts";
import { currentTrace, type OperationTrace, type Tracing, withTrace } from "../tracing/index.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Measures operations, and names the span of the request after them; one that no request carries gets a span of its own.
 * Labelled by the first field, not by the operation's name: the fields are the schema's, the names are the clients', and
 * every new one would be a time series for ever.
 */
export function observeGraphql(metrics: Metrics, tracing: Tracing | null): ObserveOperation {
  return (correlationId, traceparent) => {
    const startedAt = performance.now();
    const ofRequest = currentTrace();
    const own = ofRequest ? null : (tracing?.operationStarted(correlationId, traceparent) ?? untraced(traceparent));

    const answered = (operation: OperationDefinitionNode | undefined, isFailed: boolean): void => {
      const kind = operation?.operation ?? "none";
      const field = operation ? firstFieldOf(operation) : "none";
      metrics.graphqlAnswered(kind, field, isFailed ? "error" : "ok", (performance.now() - startedAt) / 1_000);
      (ofRequest ?? own)?.rename?.(`graphql ${kind} ${field}`);
      own?.end?.();
    };

    return {
      run: (work) => (own ? withTrace(own, work) : work()),
      answered,
      started: (operation) => {
        answered(operation, false);
        return metrics.subscriptionStarted(firstFieldOf(operation));
      },
    };
  };
}

/** Spans are not exported, but what the client sent is kept and sent on. */
function untraced(traceparent: string | null): OperationTrace | null {
  return traceparent === null ? null : { traceparent };
}

/** Of an operation that has been validated: its field exists. */
function firstFieldOf({ selectionSet }: OperationDefinitionNode): string {
  const first = selectionSet.selections[0];
  return first?.kind === Kind.FIELD ? first.name.value : "fragment";
}
