import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Lower case, as Node gives headers. */
export const CORRELATION_HEADER = "x-correlation-id";
/** What may be repeated in logs and headers without harm. */
const acceptable = /^[\w.:@/-]{1,128}$/;

/** The client's X-Correlation-ID when it can be used, or a new one. */
export function correlationIdOf({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers[CORRELATION_HEADER];
  return typeof given === "string" && acceptable.test(given) ? given : randomUUID();
}
