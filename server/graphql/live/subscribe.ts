import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from "graphql";
import type { LiveSource } from "../../../engine/index.ts";
import type { OperationContext } from "../graphql-api.ts";
import type { PreparedOperation } from "../prepare-operation.ts";
import type { Present } from "../present.ts";
import type { LiveHub, Membership } from "./hub.ts";
import { operationKey } from "./operation-key.ts";
import type { Sink } from "./sink.ts";

/** A subscription, and where its results go. */
export interface LiveArgs extends PreparedOperation {
  /** Of the document. */
  readonly text: string;
  readonly sink: Sink;
  /** In place of the cursor among the arguments: where a stream that was cut stopped. */
  readonly cursor?: number | undefined;
}

type Results = AsyncGenerator<ExecutionResult, void, undefined>;

/** As graphql's own `subscribe`; but what reads from a live source is shared, and goes to the sink. */
export function createSubscribe(hub: LiveHub, present: Present) {
  return async (args: LiveArgs): Promise<Results | Membership | ExecutionResult> => {
    const { text, document, operation, operationName, variableValues: variables, contextValue, observed } = args;
    const source = await sourceOf(args);
    if ("errors" in source) {
      observed.answered(operation, true);
      return source;
    }
    const over = observed.started(operation);
    if (!isLiveSource(source)) return results(source, args, over);
    const key = operationKey({ text, document, operationName, variables }, source, contextValue.actor);
    return hub.subscribe({ key, source, perform: (value) => perform(args, value, present), over }, args.sink);
  };
}

async function sourceOf(args: LiveArgs): Promise<AsyncIterable<unknown> | { errors: readonly GraphQLError[] }> {
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return { errors: stream.errors ?? [] };
  return isLiveSource(stream) ? attempt(() => atCursor(stream, args.cursor)) : stream;
}

async function perform(args: ExecutionArgs, rootValue: unknown, present: Present): Promise<string> {
  const { data = null, errors } = await execute({ ...args, rootValue });
  const { correlationId } = args.contextValue as OperationContext;
  return JSON.stringify(errors ? { data, errors: errors.map((error) => present(error, correlationId)) } : { data });
}

function isLiveSource(stream: AsyncIterable<unknown>): stream is LiveSource<unknown> {
  return "kind" in stream && "topic" in stream && "open" in stream;
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

/** Asks for the next event only when the connection takes its result. */
function results(stream: AsyncIterable<unknown>, args: LiveArgs, over: () => void): Results {
  const events = stream[Symbol.asyncIterator]();
  const end = async (): Promise<IteratorReturnResult<void>> => {
    over();
    await events.return?.();
    return { value: undefined, done: true };
  };
  return {
    next: async () => {
      await args.sink.ready();
      const { value, done } = await events.next();
      if (done) return end();
      return { value: await execute({ ...args, rootValue: value }), done: false };
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
}
