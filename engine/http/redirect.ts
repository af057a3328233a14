import { StepError } from "../steps/step-error.ts";
import { urlProblem } from "./url.ts";

export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Meant for the origin they were written for. */
const originHeaders = ["authorization", "proxy-authorization", "cookie", "host"];
const bodyHeaders = ["content-type", "content-length", "content-encoding", "content-language", "content-location"];

/** The request that a response redirects to, by the rules of the Fetch standard; null when it does not redirect. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | null {
  if (!redirectStatuses.has(status) || location === undefined) return null;
  const url = redirectTarget(location, hop.url);
  const becomesGet =
    (status === 303 && hop.method !== "GET" && hop.method !== "HEAD") ||
    ((status === 301 || status === 302) && hop.method === "POST");
  const dropped = new Set([
    ...(url.origin === hop.url.origin ? [] : originHeaders),
    ...(becomesGet ? bodyHeaders : []),
  ]);
  return {
    url,
    method: becomesGet ? "GET" : hop.method,
    headers: Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !dropped.has(name))),
    body: becomesGet ? null : hop.body,
  };
}

function redirectTarget(location: string, base: URL): URL {
  const url = URL.parse(location, base.href);
  const problem = url ? urlProblem(url) : "is not a valid URL";
  if (url && problem === null) return url;
  throw new StepError("HTTP_FAILED", `the redirect's target ${problem}`, { retryable: false });
}
