import { isUtf8 } from "node:buffer";
import { LARGE, MAX_LEVELS, parseLargeJson } from "../large-json/index.ts";
import { DomainError, type JsonObject, type JsonValue, type TenantId } from "../model/index.ts";

/** A call of a hook, as it came in. */
export interface HookCall {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Byte for byte: signatures are made over these. */
  readonly rawBody: Buffer;
  readonly query: JsonObject;
  readonly correlationId: string | null;
}

/** What a workflow may see of the headers: nothing that lets one act in the caller's name. */
const visibleHeaders = [
  "content-type",
  "user-agent",
  "webhook-id",
  "webhook-timestamp",
  "idempotency-key",
  "x-correlation-id",
  "x-request-id",
  "x-github-event",
  "x-github-delivery",
  "x-github-hook-id",
] as const;

const jsonType = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;

export function headerOf(call: HookCall, name: string): string | null {
  const value = call.headers[name];
  if (value === undefined) return null;
  return typeof value === "string" ? value : value.join(", ");
}

/** `trigger_data` of the execution that a call starts. */
export async function triggerDataOf(call: HookCall, tenantId: TenantId, receivedAt: Date): Promise<JsonObject> {
  const headers = visibleHeaders.flatMap((name) => {
    const value = headerOf(call, name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    body: await parseBody(call, tenantId),
    headers: Object.fromEntries(headers),
    query: call.query,
    received_at: receivedAt.toISOString(),
  };
}

/** JSON by its Content-Type, which it then must be; anything else is text; null when there is none. */
async function parseBody(call: HookCall, tenantId: TenantId): Promise<JsonValue> {
  const { rawBody } = call;
  if (rawBody.length === 0) return null;
  if (!isUtf8(rawBody)) throw invalid("must be UTF-8 text");
  if (!jsonType.test(headerOf(call, "content-type") ?? "")) return rawBody.toString();
  if (rawBody.length > LARGE) return parseLarge(rawBody, tenantId);
  try {
    return JSON.parse(rawBody.toString()) as JsonValue;
  } catch {
    throw invalid("must be JSON, as its Content-Type says");
  }
}

async function parseLarge(rawBody: Buffer, tenantId: TenantId): Promise<JsonValue> {
  // A copy is given away: what the sender has signed is looked at again.
  const { problem, json } = await parseLargeJson(Buffer.from(rawBody), { tenantId });
  if (problem === "deep") throw invalid(`must not be nested deeper than ${MAX_LEVELS} levels`);
  if (json === undefined) throw invalid("must be JSON, as its Content-Type says");
  return json;
}

function invalid(message: string): DomainError {
  return DomainError.invalid([{ path: "body", message }]);
}
