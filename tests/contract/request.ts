import type { Operation } from "./document.ts";

/** A request that hangs is a failure, not a wait. */
const LIMIT_MS = 15_000;

export interface Request {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
  readonly contentType: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends it as it is, valid or not. */
export async function send(address: string, { method, path }: Operation, request: Request): Promise<Answer> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(wellFormed(request.path[name] ?? "")));
  const query = new URLSearchParams(
    Object.entries(request.query).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ).toString();
  const response = await fetch(`${address}${filled}${query === "" ? "" : `?${query}`}`, {
    method,
    headers: {
      ...request.headers,
      ...(request.contentType !== undefined && { "content-type": request.contentType }),
    },
    ...(request.body !== undefined && method !== "GET" && { body: request.body }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A lone surrogate cannot be part of an address at all. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** What is wrong with an answer, by the document and by what holds for every answer; null: nothing. */
export function faultOf(operation: Operation, path: string, { status, headers, text }: Answer): string | null {
  if (status >= 500 && status !== 503) return `answered ${status}`;
  const type = headers.get("content-type") ?? "";
  if (!headers.get("x-correlation-id")) return "has no correlation id";
  if (status >= 400) {
    const envelope = envelopeFault(text, path);
    if (envelope !== null) return envelope;
  }
  const documented = operation.responses.get(status);
  if (documented === undefined) return `answered ${status}, which is not in the document`;
  if (documented.check === null) return null;
  if (!/^application\/(\w+\+)?json/.test(type)) return `is ${type}, not JSON`;
  if (documented.check(JSON.parse(text))) return null;
  return `breaks its schema: ${JSON.stringify(documented.check.errors)}`;
}

export function envelopeFault(text: string, path: string): string | null {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch {
    return `is no JSON: ${text.slice(0, 200)}`;
  }
  if (Object.keys(body).join() !== "detail,timestamp,path,error_code") return `is no envelope: ${text}`;
  if (Object.values(body).some((value) => typeof value !== "string")) return `holds what is no text: ${text}`;
  if (body.path !== path) return `says the path is ${body.path}`;
  const { detail } = body as { detail: string };
  if (/\bat .*\.[jt]s:\d+|select |insert into|node_modules|\/work\//i.test(detail))
    return `tells of our insides: ${detail}`;
  return null;
}
