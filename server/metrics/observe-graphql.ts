import { Kind, type OperationDefinitionNode } from "graphql";
import { currentTrace } from "../tracing/request-trace.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Measures operations, and names the span of the request after them. Labelled by the first field, not by the operation's
 * name: the fields are the schema's, the names are the clients', and every new one would be a time series for ever.
 */
export function observeGraphql(metrics: Metrics) {
  return (operation: OperationDefinitionNode | undefined, isFailed: boolean, startedAt: number): void => {
    const kind = operation?.operation ?? "none";
    const field = operation ? firstFieldOf(operation) : "none";
    metrics.graphqlAnswered(kind, field, isFailed ? "error" : "ok", (performance.now() - startedAt) / 1_000);
    currentTrace()?.rename?.(`graphql ${kind} ${field}`);
  };
}

/** Of an operation that has been validated: its field exists. */
function firstFieldOf({ selectionSet }: OperationDefinitionNode): string {
  const first = selectionSet.selections[0];
  return first?.kind === Kind.FIELD ? first.name.value : "fragment";
}
