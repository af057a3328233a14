import type { FastifyReply, FastifyRequest } from "fastify";
import { type Actor, DomainError, type RateLimitDecision } from "../engine/index.ts";
import type { RestOptions } from "./rest-server.ts";

/** Checks key, scope and budget of a request, in this order, before its body is read. */
export function createGuard({ engine, authenticate }: RestOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { access, limit } = request.routeOptions.config;
    if (access === "open" || request.is404) return;
    // A route that forgets to say what it needs is nobody's.
    if (access === undefined) throw new Error(`${request.routeOptions.url} does not say which scope it needs`);
    request.actor = await authenticate(request.headers).catch((error: unknown) => {
      reply.header("www-authenticate", 'Bearer realm="Stepwire"');
      throw error;
    });
    if (!request.actor.scopes.includes(access)) {
      throw new DomainError("FORBIDDEN", `The API key lacks the scope ${access}`);
    }
    if (limit === undefined) return;
    const decision = await engine.rateLimiter.consume(String(request.actor.keyId), limit);
    showBudget(reply, decision);
    if (decision.allowed) return;
    reply.header("retry-after", decision.retryAfterSeconds);
    throw new DomainError("RATE_LIMITED", `Rate limit exceeded: ${decision.limit} requests per minute`);
  };
}

/** Of a route that is not open. */
export function actorOf({ actor }: FastifyRequest): Actor {
  if (actor === undefined) throw new Error("An open route has no actor");
  return actor;
}

function showBudget(reply: FastifyReply, { limit, remaining, resetAt }: RateLimitDecision): void {
  reply.header("x-ratelimit-limit", limit);
  reply.header("x-ratelimit-remaining", remaining);
  reply.header("x-ratelimit-reset", resetAt);
}
