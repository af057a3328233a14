import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** On every answer, unless a route knows better: nobody guesses at its type, and nobody keeps it. */
export const plainHeaders = { "x-content-type-options": "nosniff", "cache-control": "no-store" } as const;

/** Lower case, as Node gives headers. */
export const CORRELATION_HEADER = "x-correlation-id";
/** What may be repeated in logs and headers without harm. */
const acceptable = /^[\w.:@/-]{1,128}$/;

/** The client's X-Correlation-ID when it can be used, or a new one. */
export function correlationIdOf({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers[CORRELATION_HEADER];
  return typeof given === "string" && acceptable.test(given) ? given : randomUUID();
}
