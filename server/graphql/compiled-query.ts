import { createRequire } from "node:module";
import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema } from "graphql";
import type * as Jit from "graphql-jit";
import type * as JitRuntime from "graphql-jit/dist/runtime";

// Its ESM build mixes both kinds of modules: the runtime that it imports is not the one that it runs with.
const require = createRequire(import.meta.url);
const { compileQuery, isCompiledQuery } = require("graphql-jit") as typeof Jit;
const { jitRuntime } = require("graphql-jit/dist/runtime") as typeof JitRuntime;

export type CompiledQuery = (
  context: unknown,
  variables: Readonly<Record<string, unknown>>,
) => Promise<ExecutionResult>;

/** Translates an operation to a function; null when the compiler cannot. */
export function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
): CompiledQuery | null {
  const compiled = compileQuery(schema, document, operationName);
  if (!isCompiledQuery(compiled)) return null;
  return async (context, variables) => {
    const result: ExecutionResult = await compiled.query(undefined, context, variables);
    return result.errors ? { ...result, errors: result.errors.map(asGraphqlJs) } : result;
  };
}

/**
 * The library's errors are made otherwise: without `extensions`, and with nothing to tell what a resolver did wrong from
 * what the client did. Those of variables have no path, and those of arguments say that they are.
 */
function asGraphqlJs({ message, locations, path, originalError }: GraphQLError): GraphQLError {
  const isOfClient = path === undefined || message.startsWith('Argument "');
  const cause = originalError ?? (isOfClient ? undefined : new Error(message));
  const error = new GraphQLError(message, { ...(path && { path }), ...(cause && { originalError: cause }) });
  return Object.assign(error, { locations });
}

/**
 * The library lets what is thrown while a resolver's answer is completed, by a getter say, escape from its promise: the
 * process would end, and the request never. Here it is an error of that field, as it is for graphql-js.
 */
jitRuntime.handleResolverResult = (ctx, value, onSuccess, onError) => {
  if (isPromise(value)) settle(ctx, value, onSuccess, onError);
  else complete(value, onSuccess, onError);
};
jitRuntime.handleListItemResult = jitRuntime.handleResolverResult;

interface Pending {
  promiseCounter: number;
  resolve?(ctx: Pending): void;
}

function settle(
  ctx: Pending,
  promise: PromiseLike<unknown>,
  onSuccess: (value: unknown) => void,
  onError: (error: unknown) => void,
): void {
  ctx.promiseCounter += 1;
  const done = () => {
    ctx.promiseCounter -= 1;
    if (ctx.promiseCounter === 0) ctx.resolve?.(ctx);
  };
  promise.then(
    (value) => {
      complete(value, onSuccess, onError);
      done();
    },
    (error: unknown) => {
      onError(error);
      done();
    },
  );
}

function complete(value: unknown, onSuccess: (value: unknown) => void, onError: (error: unknown) => void): void {
  try {
    onSuccess(value);
  } catch (error) {
    onError(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
