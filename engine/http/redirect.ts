import { StepError } from "../model/index.ts";
import { urlProblem } from "./url.ts";

export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Of this service itself: the same for every origin. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** What the request asks for: meant for the origin that it was written for. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

/** To be named as `finalStatuses` by whoever sends something that is meant for one address, and does not count as sent elsewhere. */
export const redirectStatuses = [301, 302, 303, 307, 308] as const;
const bodyHeaders = ["content-type", "content-length", "content-encoding", "content-language", "content-location"];

/**
 * The request that a response redirects to, by the rules of the Fetch standard; null when it does not redirect.
 * Stricter than Fetch in one thing: another origin is told nothing of the request. Any header may hold a key (`X-Api-Key`,
 * `DPoP`), not only those that a list knows; and a body that a redirect asks to be sent again, elsewhere, ends the request.
 */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | null {
  if (!redirectStatuses.some((one) => one === status) || location === undefined) return null;
  const url = redirectTarget(location, hop.url);
  const becomesGet =
    (status === 303 && hop.method !== "GET" && hop.method !== "HEAD") ||
    ((status === 301 || status === 302) && hop.method === "POST");
  const body = becomesGet ? null : hop.body;
  const next = { url, method: becomesGet ? "GET" : hop.method, ownHeaders: hop.ownHeaders, body };
  if (url.origin === hop.url.origin) return { ...next, headers: becomesGet ? withoutBody(hop.headers) : hop.headers };
  if (body !== null) {
    throw new StepError(
      "HTTP_FAILED",
      `${status} asks to send the body to another origin, ${url.origin}, which is not done: name that address in the url`,
      { retryable: false },
    );
  }
  return { ...next, headers: {} };
}

function withoutBody(headers: Hop["headers"]): Hop["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !bodyHeaders.includes(name)));
}

function redirectTarget(location: string, base: URL): URL {
  const url = URL.parse(location, base.href);
  const problem = url ? urlProblem(url) : "is not a valid URL";
  if (url && problem === null) return url;
  throw new StepError("HTTP_FAILED", `the redirect's target ${problem}`, { retryable: false });
}
