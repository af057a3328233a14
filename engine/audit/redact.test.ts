import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretMask } from "../expression/index.ts";
import { redact } from "./redact.ts";

const plain = createSecretMask([]);

test("what a key's name says is a secret is hidden, at any depth, in any spelling", () => {
  const given = {
    Authorization: "Bearer x",
    "x-api-key": "x",
    clientSecret: "x",
    ACCESS_TOKEN: 12,
    steps: [{ config: { password: { nested: "x" } } }],
    private_key: ["x"],
  };
  assert.deepEqual(redact(given, plain), {
    Authorization: "***",
    "x-api-key": "***",
    clientSecret: "***",
    ACCESS_TOKEN: "***",
    steps: [{ config: { password: "***" } }],
    private_key: "***",
  });
});

test("what only looks like one is kept, and so are references, flags and what is not there", () => {
  const given = {
    secretary: "Ada",
    keyboard: "qwerty",
    api_keys_count: 3,
    token: null,
    secret: "{{env.API_TOKEN}}",
    password: true,
  };
  assert.deepEqual(redact({ ...given, api_keys_count: 3 }, plain), given);
});

test("values of variables are hidden wherever they stand", () => {
  const mask = createSecretMask(["swordfish"]);
  assert.deepEqual(redact({ url: "https://a.example/?k=swordfish" }, mask), { url: "https://a.example/?k=***" });
});

test("a large value is kept by its beginning, whose secrets are hidden too", () => {
  const large = redact({ password: "hush", text: "x".repeat(20_000) }, plain) as {
    truncated: boolean;
    bytes: number;
    excerpt: string;
  };
  assert.ok(large.truncated && large.bytes > 20_000);
  assert.equal(large.excerpt.length, 4_096);
  assert.ok(!large.excerpt.includes("hush"));
});
