import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../../engine/index.ts";
import { authenticate } from "../authentication.ts";
import type { GraphqlApi } from "./graphql-api.ts";

const actors = new WeakMap<FastifyRequest, Actor>();

/** Lets a request with a valid key through, or answers 401. */
export function authenticated({ keys, refused }: Pick<GraphqlApi<never>, "keys" | "refused">) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const found = await authenticate(keys, request.headers);
    if (found.actor !== null) return void actors.set(request, found.actor);
    await refused(request.id);
    reply.header("www-authenticate", 'Bearer realm="Stepwire"');
    await refuse(reply, 401, found.message, "UNAUTHENTICATED");
  };
}

/** Of a request that was let through. */
export function actorOf(request: FastifyRequest): Actor {
  return actors.get(request)!;
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
  if (statusCode < 500) return refuse(reply, statusCode, message, "BAD_REQUEST");
  request.log.error({ err: error }, "fault before a GraphQL operation");
  return refuse(reply, 500, "Internal error. Quote the correlation id when you report it.", "INTERNAL", request.id);
}
