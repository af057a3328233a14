import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from "graphql";
import { type LiveSource, withDeadline } from "../../engine/index.ts";
import type { LiveHub, Membership, Sink } from "../../live/index.ts";
import type { OperationContext, ServedApi } from "./graphql-api.ts";
import { operationKey } from "./operation-key.ts";
import type { PreparedOperation } from "./prepare-operation.ts";
import type { Present } from "./present.ts";

/** A subscription, and where its results go. */
export interface LiveArgs extends PreparedOperation {
  /** Of the document. */
  readonly text: string;
  readonly sink: Sink;
  /** In place of the cursor among the arguments: where a stream that was cut stopped. */
  readonly cursor?: number | undefined;
}

/** In place of graphql's own `subscribe`: results are shared, and go to the sink. */
export function createSubscribe(hub: LiveHub, { present, requestMs }: Pick<ServedApi<never>, "present" | "requestMs">) {
  return async (args: LiveArgs): Promise<Membership | ExecutionResult> => {
    const { text, document, operation, operationName, variableValues: variables, contextValue, observed } = args;
    const source = await withDeadline(requestMs, () => sourceOf(args));
    if ("errors" in source) {
      observed.answered(operation, true);
      return source;
    }
    const over = observed.started(operation);
    const key = operationKey({ text, document, operationName, variables }, source, contextValue.actor);
    return hub.subscribe({ key, source, perform: (value) => perform(args, value, present), over }, args.sink);
  };
}

/** The schema's subscriptions give live sources and nothing else, which their types do not say. */
async function sourceOf(args: LiveArgs): Promise<LiveSource<unknown> | { errors: readonly GraphQLError[] }> {
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return { errors: stream.errors ?? [] };
  return attempt(() => atCursor(stream as LiveSource<unknown>, args.cursor));
}

async function perform(args: ExecutionArgs, rootValue: unknown, present: Present): Promise<string> {
  const { data = null, errors } = await execute({ ...args, rootValue });
  const { correlationId } = args.contextValue as OperationContext;
  return JSON.stringify(errors ? { data, errors: errors.map((error) => present(error, correlationId)) } : { data });
}

function atCursor(source: LiveSource<unknown>, cursor: number | undefined): LiveSource<unknown> {
  return cursor === undefined || source.kind !== "log" ? source : source.startingAfter(cursor);
}

function attempt<T extends object>(make: () => T): T | { errors: readonly GraphQLError[] } {
  try {
    return make();
  } catch (error) {
    const originalError = error as Error;
    return { errors: [new GraphQLError(originalError.message, { originalError })] };
  }
}
