import { isUtf8 } from "node:buffer";
import { LARGE, MAX_LEVELS, parseLargeJson, walkLevels } from "../large-json/index.ts";
import type { JsonValue, TenantId } from "../model/index.ts";
import type { HttpResponse } from "./client.ts";

export interface BodyFields {
  /** Text, or base64 when `body_encoding` says so. */
  readonly body: string;
  readonly body_encoding?: "base64";
  /** The parsed body, when it is JSON. */
  readonly json?: JsonValue;
}

const textTypes =
  /^(?:text\/|application\/(?:json|xml|javascript|ecmascript|x-www-form-urlencoded|x-ndjson|yaml|graphql)\b)|\+(?:json|xml)\b/;
const utf8 = new TextDecoder();
/** A byte order mark and blanks may stand before JSON. */
const LOOKED_AT = 256;
const charsetPattern = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

type Answer = Pick<HttpResponse, "headers" | "body">;

/**
 * Text when the Content-Type is textual or names a charset, or when the bytes are valid UTF-8; otherwise base64, and so
 * is anything with a NUL, which Postgres cannot hold as text. `json` is there when the text is JSON by its Content-Type or
 * by its look (many services mislabel it), of at most a thousand levels. Takes the body's bytes away: a large one is parsed
 * in a thread.
 */
export async function bodyFields(response: Answer, tenantId: TenantId): Promise<BodyFields> {
  const { body } = response;
  if (body.length > LARGE && !body.includes(0) && isText(response) && mayBeJson(response)) {
    const charset = decoderOf(charsetOf(response)).encoding;
    const { text, json } = await parseLargeJson(body, { tenantId, charset, wantsText: true });
    return json === undefined ? { body: text } : { body: text, json };
  }
  const fields = bodyText(response);
  if (fields.body_encoding || !looksLikeJson(response, fields.body)) return fields;
  const json = parseJson(fields.body);
  // Each level has a bracket at either end.
  const isDeep = fields.body.length > 2 * MAX_LEVELS && walkLevels(json, MAX_LEVELS).isDeep;
  return json === undefined || isDeep ? fields : { ...fields, json };
}

/** Without looking for JSON. */
export function bodyText(response: Answer): Omit<BodyFields, "json"> {
  const { body } = response;
  const text = isText(response) ? decode(body, charsetOf(response)) : null;
  if (text === null || text.includes("\0")) return { body: body.toString("base64"), body_encoding: "base64" };
  return { body: text };
}

function typeOf({ headers }: Answer): string {
  return (headers["content-type"] ?? "").toLowerCase();
}

function charsetOf(response: Answer): string | undefined {
  return charsetPattern.exec(typeOf(response))?.[1];
}

function isText(response: Answer): boolean {
  return textTypes.test(typeOf(response)) || charsetOf(response) !== undefined || isUtf8(response.body);
}

function looksLikeJson(response: Answer, text: string): boolean {
  return /\bjson\b/.test(typeOf(response)) || /^\s*[[{]/.test(text);
}

/** By its first characters, whatever they are encoded in. */
function mayBeJson(response: Answer): boolean {
  return looksLikeJson(response, response.body.toString("latin1", 0, LOOKED_AT).replaceAll(/[^ -~]/g, ""));
}

function decode(body: Buffer, charset: string | undefined): string {
  return decoderOf(charset).decode(body);
}

/** That of UTF-8 in the place of a charset that nobody knows. */
function decoderOf(charset: string | undefined): typeof utf8 {
  if (charset === undefined || charset === "utf-8") return utf8;
  try {
    return new TextDecoder(charset);
  } catch {
    return utf8;
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
