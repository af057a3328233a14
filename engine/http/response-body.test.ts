import assert from "node:assert/strict";
import { test } from "node:test";
import { tenantNamed } from "../model/index.ts";
import { bodyFields } from "./response-body.ts";
import { parseRetryAfter } from "./status-error.ts";

function fields(contentType: string | null, body: string | Buffer) {
  return bodyFields(
    { headers: contentType === null ? {} : { "content-type": contentType }, body: Buffer.from(body) },
    tenantNamed("tenant"),
  );
}

test("JSON is parsed by its type, or by its look", async () => {
  assert.deepEqual(await fields("application/json", '"text"'), { body: '"text"', json: "text" });
  assert.deepEqual(await fields("application/problem+json; charset=utf-8", "{}"), { body: "{}", json: {} });
  assert.deepEqual(await fields("text/html", ' {"a":1}'), { body: ' {"a":1}', json: { a: 1 } });
  assert.deepEqual(await fields(null, "[1]"), { body: "[1]", json: [1] });
  assert.deepEqual(await fields("application/json", "null"), { body: "null", json: null });
});

test("what is no JSON is text only", async () => {
  assert.deepEqual(await fields("text/plain", "12"), { body: "12" });
  assert.deepEqual(await fields("application/json", "{broken"), { body: "{broken" });
  assert.deepEqual(await fields("application/json", ""), { body: "" });
});

test("text is decoded by its charset, a byte order mark is left out", async () => {
  assert.deepEqual(await fields("text/plain; charset=iso-8859-1", Buffer.from([0xe9])), { body: "é" });
  assert.deepEqual(await fields('text/plain; charset="UTF-16LE"', Buffer.from("hé", "utf16le")), { body: "hé" });
  assert.deepEqual(await fields("text/plain; charset=nonsense", "é"), { body: "é" });
  assert.deepEqual(await fields("application/json", "\ufeff{}"), { body: "{}", json: {} });
});

test("binary content becomes base64, also text with a NUL", async () => {
  assert.deepEqual(await fields("image/png", Buffer.from([0x89, 0x50])), { body: "iVA=", body_encoding: "base64" });
  assert.deepEqual(await fields("text/plain", "a\0b"), { body: "YQBi", body_encoding: "base64" });
  assert.deepEqual(await fields("application/octet-stream", "plain"), { body: "plain" });
});

test("Retry-After is read as seconds or date, up to an hour", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(parseRetryAfter(undefined, now), undefined);
  assert.equal(parseRetryAfter("7", now), 7_000);
  assert.equal(parseRetryAfter("0", now), 0);
  assert.equal(parseRetryAfter("999999999", now), 3_600_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now), 30_000);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
  assert.equal(parseRetryAfter("soon", now), undefined);
});
