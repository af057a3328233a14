import { StepError } from "../model/index.ts";
import type { HttpResponse } from "./client.ts";
import { bodyText } from "./response-body.ts";

const MAX_EXCERPT_CHARS = 500;
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Request Timeout, Too Early, Too Many Requests: of the 4xx, the ones where the same request may succeed later. */
const retryableClientErrors: ReadonlySet<number> = new Set([408, 425, 429]);

function isRetryableStatus(status: number): boolean {
  return status >= 500 || retryableClientErrors.has(status);
}

/** The error for an answer with a status that was not expected: with the start of its body, and what Retry-After asks for. */
export function statusError(response: HttpResponse): StepError {
  const { body, body_encoding } = bodyText(response);
  const retryAfterMs = retryAfterOf(response);
  return new StepError("HTTP_STATUS", `${response.request}: unexpected status ${response.status}`, {
    retryable: isRetryableStatus(response.status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: {
      status_code: response.status,
      ...(body === "" || body_encoding ? {} : { body: body.slice(0, MAX_EXCERPT_CHARS) }),
    },
  });
}

/** What the answer asks for in ms. A date is compared with the answer's own, whose clock it was made by. */
export function retryAfterOf({ headers }: Pick<HttpResponse, "headers">): number | undefined {
  const sentAt = Date.parse(headers.date ?? "");
  return parseRetryAfter(headers["retry-after"], Number.isNaN(sentAt) ? Date.now() : sentAt);
}

/** Milliseconds to wait, from seconds or an HTTP date; at most an hour. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const waitMs = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}
