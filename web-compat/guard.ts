import type { FastifyReply, FastifyRequest } from "fastify";
import {
  type Actor,
  DomainError,
  type RateLimitClass,
  type RateLimitDecision,
  type RateLimiter,
} from "../engine/index.ts";
import { auditRefusal } from "./audit.ts";
import type { RestOptions } from "./rest-server.ts";

/** Checks key, budget and scope of a request, in this order, before its body is read. */
export function createGuard(options: RestOptions) {
  const check = createCheck(options);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      await check(request, reply);
    } catch (error) {
      await auditRefusal(options, request, error);
      throw error;
    }
  };
}

function createCheck({ engine, authenticate }: RestOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { access, limit = "monitoring", points } = request.routeOptions.config;
    if (access === "open" || request.is404) return;
    // A route that forgets to say what it needs is nobody's.
    if (access === undefined) throw new Error(`${request.routeOptions.url} does not say which scope it needs`);
    request.actor = await authenticate(request.raw).catch((error: unknown) => {
      reply.header("www-authenticate", 'Bearer realm="Stepwire"');
      throw error;
    });
    // Also when it will be refused for its scope: a refusal is looked up and written down as well.
    await spend(engine.rateLimiter, reply, String(request.actor.keyId), limit, points);
    if (!request.actor.scopes.includes(access)) {
      throw new DomainError("FORBIDDEN", `The API key lacks the scope ${access}`);
    }
  };
}

/** Takes a request out of somebody's budget, and shows what is left. @throws DomainError RATE_LIMITED */
export async function spend(
  rateLimiter: RateLimiter,
  reply: FastifyReply,
  spender: string,
  limit: RateLimitClass,
  points = 1,
): Promise<void> {
  const { allowed, tightest } = await rateLimiter.consume(spender, new Map([[limit, points]]));
  showBudget(reply, tightest);
  if (allowed) return;
  reply.header("retry-after", tightest.retryAfterSeconds);
  throw new DomainError("RATE_LIMITED", `Rate limit exceeded: ${tightest.limit} requests per minute`);
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
