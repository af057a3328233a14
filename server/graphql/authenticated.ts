import type { FastifyReply, FastifyRequest } from "fastify";
import { type Actor, DomainError, RETRY_AFTER_SECONDS, unavailable } from "../../engine/index.ts";
import type { ServedApi } from "./graphql-api.ts";

/** Lets a request with a valid key through, or refuses it: asked before its body is read. */
export function authenticated({ authenticate, refused }: Pick<ServedApi<never>, "authenticate" | "refused">) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const found = await authenticate(request.raw);
    if (found.actor !== null) {
      request.actor = found.actor;
      return;
    }
    const { code, message, retryAfterSeconds } = found.refusal;
    if (code === "RATE_LIMITED") {
      reply.header("retry-after", retryAfterSeconds);
      await refuse(reply, 429, message, code);
      return;
    }
    await refused(request.id);
    reply.header("www-authenticate", 'Bearer realm="Stepwire"');
    await refuse(reply, 401, message, code);
  };
}

/** Of a request that was let through. */
export function actorOf(request: FastifyRequest): Actor {
  return request.actor!;
}

/** An answer in the form of GraphQL errors. */
export function refuse(reply: FastifyReply, status: number, message: string, code: string, correlationId?: string) {
  return reply
    .code(status)
    .send({ errors: [{ message, extensions: { code, ...(correlationId && { correlationId }) } }] });
}

/** What Fastify refuses before GraphQL sees it: a body that is no JSON, or too large. */
export function refuseBroken(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (error instanceof DomainError && error.code === "OVERLOADED") {
    reply.header("retry-after", error.retryAfterSeconds);
    return refuse(reply, 503, message, error.code);
  }
  if (statusCode < 500) return refuse(reply, statusCode, message, "BAD_REQUEST");
  // The client went away before it had sent all: there is nobody to answer, and nothing of ours to mend.
  if (request.raw.destroyed && !request.raw.complete) return reply.hijack();
  const later = unavailable(error);
  if (later !== null) {
    reply.header("retry-after", RETRY_AFTER_SECONDS);
    return refuse(reply, 503, later.message, later.code);
  }
  request.log.error({ err: error }, "fault before a GraphQL operation");
  return refuse(reply, 500, "Internal error. Quote the correlation id when you report it.", "INTERNAL", request.id);
}
