import type { FastifyRequest, RouteOptions } from "fastify";
import { auditedRequest, DomainError, type ErrorCode, type JsonValue, type Requester } from "../engine/index.ts";
import type { RestOptions } from "./rest-server.ts";

/** What the key was not good for; other refusals are the caller's to mend. */
const accessCodes: readonly ErrorCode[] = ["UNAUTHENTICATED", "FORBIDDEN", "HOOK_NOT_FOUND"];

/** Added as `onRoute`: every route that changes something leaves an entry in the audit log, whoever forgets about it. */
export function auditChanges({ engine }: RestOptions) {
  return (route: RouteOptions): void => {
    const isRead = route.method === "GET" || route.method === "HEAD" || route.config?.access === "read";
    if (isRead) return;
    const { handler } = route;
    route.handler = function (request, reply) {
      const requested = { action: actionOf(request), asked: () => askedBy(request) };
      return auditedRequest(engine.audit, requesterOf(request), requested, async () =>
        handler.call(this, request, reply),
      );
    };
  };
}

/** An entry for a request that got no further than the guard. */
export async function auditRefusal(
  { engine }: Pick<RestOptions, "engine">,
  request: FastifyRequest,
  error: unknown,
): Promise<void> {
  if (!(error instanceof DomainError) || !accessCodes.includes(error.code)) return;
  await engine.audit.record({
    ...requesterOf(request),
    action: actionOf(request),
    target: null,
    before: null,
    after: null,
    refused: error.code,
  });
}

function requesterOf({ actor, id: correlationId }: FastifyRequest): Requester {
  if (!actor) return { tenantId: null, actor: "anonymous", correlationId };
  return { tenantId: actor.tenantId, actor: `key:${actor.keyId}`, correlationId };
}

function actionOf({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${routeOptions.url ?? ""}`;
}

function askedBy({ params, body }: FastifyRequest): JsonValue {
  return { params, body: isPlain(body) ? body : null } as JsonValue;
}

/** Streams and bytes are not for the log. */
function isPlain(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.getPrototypeOf(body) === Object.prototype;
}
