import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memberPath, pathSegments } from "./json-path.ts";

test("a path gives back the keys and positions that it was made of", () => {
  const key = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a.b", '"', "\\", "[0]", "0", ""), fc.nat());
  fc.assert(
    fc.property(fc.array(key, { maxLength: 8 }), (keys) => {
      assert.deepEqual(pathSegments(keys.reduce<string>(memberPath, "")), keys);
    }),
  );
});
