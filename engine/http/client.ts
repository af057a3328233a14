import { Agent } from "undici";
import { atOnce, inSlices, LARGE } from "../large-json/index.ts";
import { isPromise, type MaybePromise, NOBODY, StepError, type StepMemory, type TenantId } from "../model/index.ts";
import { parseAllowList } from "./allow-list.ts";
import { MAX_RESPONSE_BYTES, mostDecoded, SMALL_BYTES, weightOfAnswer, weightOfJson } from "./answer-weight.ts";
import { ACCEPT_ENCODING, decompress } from "./decompress.ts";
import { describeRequest, requestTimedOut, toStepError } from "./errors.ts";
import { exchange, type RawResponse } from "./exchange.ts";
import { guardedPool, type Resolve } from "./guarded-pool.ts";
import { type Hop, nextHop } from "./redirect.ts";
import { Sockets } from "./sockets.ts";
import { parseHttpUrl } from "./url.ts";

export const DEFAULT_TIMEOUT_SECONDS = 30;
export const MAX_TIMEOUT_SECONDS = 3_600;
const MAX_REDIRECTS = 5;

export interface HttpClientOptions {
  /**
   * Hosts, `host:port`, IP addresses or CIDRs outside the public internet that may be reached all the same.
   * A host name that is listed is trusted with whatever address it resolves to. Empty: none.
   */
  readonly allowPrivate: readonly string[];
  /** For example `Stepwire/1.0.0`. */
  readonly userAgent: string;
  /** How names are resolved. Default `dns.lookup`. */
  readonly resolve?: Resolve;
}

interface HttpRequest {
  /** http or https, without user name and password. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** For everything: connecting, redirects, the last byte of the body. Default 30, at most 3,600. */
  readonly timeoutSeconds?: number;
  /** Redirect statuses that are an answer to the caller, and are not followed. */
  readonly finalStatuses?: readonly number[];
  /** Whose request it is: tenants share sockets. Default: the service's own. */
  readonly tenantId?: TenantId;
  /** Asked before the body is taken in; while there is none the body waits on the wire, and its time goes on. */
  readonly memory?: StepMemory;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  /** The request that was answered (after redirects) in words that hold no secret. */
  readonly request: string;
  readonly status: number;
  /** Names in lower case; a header that came several times is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
}

export interface HttpClient {
  /**
   * Sends a request and reads the whole response, whatever its status.
   * Throws StepError CONFIG_INVALID, ADDRESS_REFUSED, RESPONSE_TOO_LARGE (not retryable), HTTP_FAILED or TIMEOUT.
   * When `signal` aborts it throws the signal's reason, if that is a StepError, or CANCELLED.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Drops all connections. */
  close(): Promise<void>;
}

/**
 * The one way out of the service. Refuses addresses that are not public (see HttpClientOptions.allowPrivate), keeps
 * connections alive, follows up to five redirects, and never uses a proxy from the environment.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const allowList = parseAllowList(options.allowPrivate);
  const ownHeaders = { "user-agent": options.userAgent, "accept-encoding": ACCEPT_ENCODING };
  const sockets = new Sockets();
  const agent = new Agent({ factory: (origin) => guardedPool(origin, allowList, options.resolve) });

  async function send(first: Hop, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    let hop = first;
    for (let redirects = 0; ; redirects++) {
      const name = describeRequest(hop.method, hop.url);
      try {
        const { origin, pathname, search } = hop.url;
        const { method, body } = hop;
        const options = {
          origin,
          path: pathname + search,
          method,
          headers: { ...hop.ownHeaders, ...hop.headers },
          body,
        };
        const raw = await sockets.use(origin, request.tenantId ?? NOBODY, signal, () =>
          exchange(agent, options, signal, MAX_RESPONSE_BYTES, request.memory),
        );
        const next = request.finalStatuses?.includes(raw.status)
          ? null
          : nextHop(hop, raw.status, headerText(raw.headers.location));
        if (!next) {
          const decoding = decoded(raw, request.memory, signal);
          const body = isPromise(decoding) ? await decoding : decoding;
          return { request: name, status: raw.status, headers: joinHeaders(raw.headers), body };
        }
        if (redirects === MAX_REDIRECTS) {
          throw new StepError("HTTP_FAILED", `more than ${MAX_REDIRECTS} redirects`, { retryable: false });
        }
        hop = next;
      } catch (error) {
        if (request.signal.aborted) throw abortReason(request.signal);
        throw toStepError(error, name);
      }
    }
  }

  return {
    async request(request) {
      const { method, body } = request;
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const first: Hop = { url: parseHttpUrl(request.url), method, ownHeaders, headers, body };

      const abort = new AbortController();
      const onAbort = (): void => abort.abort(abortReason(request.signal));
      if (request.signal.aborted) throw abortReason(request.signal);
      const timeoutSeconds = Math.min(request.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS);
      const timer = setTimeout(() => abort.abort(requestTimedOut(timeoutSeconds)), timeoutSeconds * 1_000);
      request.signal.addEventListener("abort", onAbort);
      try {
        return await send(first, request, abort.signal);
      } finally {
        clearTimeout(timer);
        request.signal.removeEventListener("abort", onAbort);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Decompressed, with room for what it is and for what it is parsed into. */
function decoded(raw: RawResponse, memory: StepMemory | undefined, signal: AbortSignal): MaybePromise<Buffer> {
  const encoding = headerText(raw.headers["content-encoding"]);
  return encoding ? decompressed(raw.body, encoding, memory, signal) : withMemoryToParse(raw.body, memory, signal);
}

async function decompressed(
  body: Buffer,
  encoding: string,
  memory: StepMemory | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  await memory?.grow(weightOfAnswer(mostDecoded(body.length)), signal);
  return withMemoryToParse(await decompress(body, encoding, MAX_RESPONSE_BYTES), memory, signal);
}

function withMemoryToParse(body: Buffer, memory: StepMemory | undefined, signal: AbortSignal): MaybePromise<Buffer> {
  if (!memory || body.length <= SMALL_BYTES) return body;
  const settle = (bytes: number): MaybePromise<Buffer> => {
    const fit = (): Buffer => {
      memory.shrink(bytes);
      return body;
    };
    return memory.grow(bytes, signal)?.then(fit) ?? fit();
  };
  return body.length > LARGE
    ? inSlices(weightOfJson(body), "weighing").then(settle)
    : settle(atOnce(weightOfJson(body)));
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof StepError
    ? signal.reason
    : new StepError("CANCELLED", "the request was cancelled", { retryable: false, cause: signal.reason });
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(value) ?? ""]));
}
