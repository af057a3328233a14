import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { isStrongKey } from "./key-strength.ts";

describe("a key that an operator chooses", () => {
  for (const weak of [
    "short",
    "k7Qp2mXv9RtL4sWz8NbY3cJ",
    "a".repeat(40),
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789".repeat(4),
    "password".repeat(4),
    "changeme-changeme-changeme",
    "my-secret-api-key-for-tests",
    "operations-key-operations-key",
    "qwertyuiopasdfghjklzxcvbnm",
    "abcabcabcabcabcabcabcabcabc",
    "k7Qp2mXv9RtL 4sWz8NbY3cJdF",
  ]) {
    test(`is not ${weak}`, () => assert.equal(isStrongKey(weak), false));
  }

  // The guess is rough: of random keys of 24 hexadecimal digits, three in ten thousand are refused.
  test("may be anything random, as the recipe makes it", () => {
    for (let i = 0; i < 2_000; i++) {
      for (const strong of [randomBytes(24).toString("hex"), randomBytes(24).toString("base64url")]) {
        assert.ok(isStrongKey(strong), strong);
      }
    }
  });
});
