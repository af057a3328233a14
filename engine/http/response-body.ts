import { isUtf8 } from "node:buffer";
import type { JsonValue } from "../json.ts";
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
const charsetPattern = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * Text when the Content-Type is textual or names a charset, or when the bytes are valid UTF-8; otherwise base64, and so
 * is anything with a NUL, which Postgres cannot hold as text. `json` is there when the text is JSON by its Content-Type or
 * by its look (many services mislabel it).
 */
export function bodyFields(response: Pick<HttpResponse, "headers" | "body">): BodyFields {
  const { body } = response;
  const contentType = (response.headers["content-type"] ?? "").toLowerCase();
  const charset = charsetPattern.exec(contentType)?.[1];
  const textual = textTypes.test(contentType) || charset !== undefined || isUtf8(body);
  const text = textual ? decode(body, charset) : null;
  if (text === null || text.includes("\0")) return { body: body.toString("base64"), body_encoding: "base64" };
  if (!/\bjson\b/.test(contentType) && !/^\s*[[{]/.test(text)) return { body: text };
  const json = parseJson(text);
  return json === undefined ? { body: text } : { body: text, json };
}

function decode(body: Buffer, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? "utf-8").decode(body);
  } catch {
    // A charset that nobody knows.
    return new TextDecoder().decode(body);
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
