import { GraphQLError } from "graphql";
import type { RateLimitDecision } from "../../engine/index.ts";
import { documentLimits, MAX_VARIABLE_LEVELS } from "./limits.ts";

/** For the caller to make the operation smaller, or to split it. */
export function tooComplex(limit: keyof typeof documentLimits, found?: number): GraphQLError {
  const max = documentLimits[limit];
  const than = found === undefined ? "" : `; this one has ${found}`;
  return new GraphQLError(`The operation is too complex: its limit of ${limit} is ${max}${than}`, {
    extensions: { code: "OPERATION_TOO_COMPLEX", limit, max },
  });
}

/** For the caller to come again. */
export function rateLimited({ limitClass, limit, retryAfterSeconds }: RateLimitDecision): GraphQLError {
  return new GraphQLError(`Rate limit exceeded: ${limit} points per minute of the class ${limitClass}`, {
    extensions: { code: "RATE_LIMITED", class: limitClass, retryAfter: retryAfterSeconds },
  });
}

export function variablesTooDeep(): GraphQLError {
  return new GraphQLError(`Variables must not be nested deeper than ${MAX_VARIABLE_LEVELS} levels`, {
    extensions: { code: "BAD_USER_INPUT" },
  });
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } });
}

export function unknownOperation(name: string | null): GraphQLError {
  const message = name === null ? "`operationName` must say which operation to run" : `Unknown operation "${name}"`;
  return new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
}
