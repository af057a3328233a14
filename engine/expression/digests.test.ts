import assert from "node:assert/strict";
import { test } from "node:test";
import type { Issue } from "../model/errors.ts";
import { StepError } from "../model/step-error.ts";
import { type Bindings, compileTemplate } from "./index.ts";

const bindings: Bindings = {
  execution_id: 1,
  workflow_id: 1,
  trigger: { text: "what do ya want for nothing?", key: "Jefe" },
  steps: {},
};

async function evaluate(expression: string): Promise<unknown> {
  const issues: Issue[] = [];
  const env = { names: ["KEY"], get: () => "Jefe" };
  const template = compileTemplate(`{{${expression}}}`, { path: "config", env, issues });
  assert.deepEqual(issues, []);
  return template.resolve(bindings);
}

/** RFC 4231, test case 2. */
const SIGNATURE = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

test("a request can be signed: HMAC in the algorithm, the encoding and with the key that the other side wants", async () => {
  assert.equal(await evaluate("$hmac(trigger.text, trigger.key)"), SIGNATURE);
  assert.equal(await evaluate("$hmac(trigger.text, env.KEY)"), SIGNATURE);
  const base64 = Buffer.from(SIGNATURE, "hex").toString("base64");
  assert.equal(await evaluate('$hmac(trigger.text, trigger.key, {"encoding": "base64"})'), base64);
  const options = '{"key_encoding": "hex", "algorithm": "sha1"}';
  assert.equal(
    await evaluate(`$hmac(trigger.text, "4a656665", ${options})`),
    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
  );
  // A chain of keys, as some clouds derive them; in the sandbox, for it loops.
  const chain = '$reduce(["a", "b"], function($key, $part) { $hmac($part, $key, {"key_encoding": "hex"}) }, "00")';
  assert.match((await evaluate(chain)) as string, /^[0-9a-f]{64}$/);
});

test("a digest", async () => {
  assert.equal(await evaluate('$hash("abc", {"algorithm": "md5"})'), "900150983cd24fb0d6963f7d28e17f72");
  assert.equal(await evaluate('$hash("abc")'), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("what it does not know is refused, with the choice", async () => {
  for (const [expression, message] of [
    ['$hash("a", {"algorithm": "sha3"})', /\$hash: option algorithm: .*sha256/],
    ['$hmac("a", "b", {"encode": "hex"})', /\$hmac: .*encode/],
    ["$hmac(trigger.text)", /hmac/],
    ["$hash(7)", /hash/],
  ] as const) {
    await assert.rejects(evaluate(expression), (error) => {
      assert.ok(error instanceof StepError);
      assert.equal(error.code, "EXPRESSION_FAILED");
      assert.match(error.message, message);
      return true;
    });
  }
});
