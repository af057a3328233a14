import type { FastifyInstance } from "fastify";
import { DomainError, type Engine, NOBODY } from "../engine/index.ts";

/** For each byte of a body: its buffer, its text, and what it is parsed into. */
const BYTES_PER_BYTE = 6;
/** Smaller bodies are not asked about: so many connections with so much each are 160 MB. */
const SMALL_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = 1;

/**
 * Bodies are taken in while the process has room for them, each as long as it is worked on, and tenants share the room.
 * What does not fit is refused before a byte is read: a client can come again, where a request that waits holds a socket.
 * A file is streamed to its store, and needs none. To be added before the routes.
 */
export function holdBodies(server: FastifyInstance, memory: Engine["memory"]): void {
  server.addHook("preParsing", async (request, reply, payload) => {
    const { "content-length": length, "content-type": type = "" } = request.headers;
    // One that does not say how long it is may be as long as the route takes.
    const bytes = length === undefined ? request.routeOptions.bodyLimit : Number(length);
    const hasNone = length === undefined && request.headers["transfer-encoding"] === undefined;
    if (hasNone || bytes <= SMALL_BYTES || type.startsWith("multipart/")) return payload;
    const tenantId = request.actor?.tenantId ?? NOBODY;
    if (!memory.admits(tenantId, bytes * BYTES_PER_BYTE)) {
      const message = "The service holds as much as it may: try again in a moment";
      throw new DomainError("OVERLOADED", message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    const holding = memory.open(tenantId, bytes * BYTES_PER_BYTE);
    reply.raw.once("close", () => holding.close());
    return payload;
  });
}
