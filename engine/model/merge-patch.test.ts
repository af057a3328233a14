import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "./json.ts";
import { mergePatch } from "./merge-patch.ts";

test("a merge patch does what RFC 7396 says in its table of examples", () => {
  const examples: [JsonValue, JsonValue, JsonValue][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of examples) assert.deepEqual(mergePatch(target, patch), result);
});

test("a key named __proto__ is a key like any other", () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__": {"a": 1}}') as JsonValue) as object;
  assert.equal(JSON.stringify(patched), '{"__proto__":{"a":1}}');
  assert.equal(Object.getPrototypeOf(patched), Object.prototype);
});
