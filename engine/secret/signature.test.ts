import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { createWebhookSecret, isHubSignedBy, isSignedBy, secretKey, signMessage } from "./signature.ts";

/** The example of the Standard Webhooks libraries. */
const example = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  message: { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: '{"test": 2432232314}' },
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const key = secretKey(example.secret)!;

test("the example of the specification gets the signature that it names", () => {
  assert.equal(signMessage(key, example.message), example.signature);
  assert.ok(isSignedBy(key, example.message, example.signature));
});

test("what is signed here is verified by an independent implementation, and the other way round", () => {
  const secret = createWebhookSecret();
  const theirs = new Webhook(secret);
  const ours = secretKey(secret)!;
  fc.assert(
    fc.property(fc.jsonValue(), fc.stringMatching(/^[\w.-]{1,50}$/), (value, id) => {
      const now = new Date();
      const message = { id, timestamp: String(Math.floor(now.getTime() / 1_000)), body: JSON.stringify(value) };
      const signature = signMessage(ours, message);
      const headers = { "webhook-id": id, "webhook-timestamp": message.timestamp, "webhook-signature": signature };
      assert.deepEqual(theirs.verify(message.body, headers), JSON.parse(message.body));
      assert.ok(isSignedBy(ours, message, theirs.sign(id, now, message.body)));
    }),
  );
});

test("a change of the id, the time, the body, the key or the version is noticed", () => {
  const { message, signature } = example;
  assert.ok(!isSignedBy(key, { ...message, id: "msg_other" }, signature));
  assert.ok(!isSignedBy(key, { ...message, timestamp: "1614265331" }, signature));
  assert.ok(!isSignedBy(key, { ...message, body: `${message.body} ` }, signature));
  assert.ok(!isSignedBy(randomBytes(32), message, signature));
  for (const header of ["", ",", "v1,", "v1", signature.slice(3), signature.replace("v1", "v1a"), `${signature}A`]) {
    assert.ok(!isSignedBy(key, message, header), header);
  }
});

test("one good signature among several is enough", () => {
  const other = signMessage(randomBytes(32), example.message);
  assert.ok(isSignedBy(key, example.message, `${other} v1a,x ${example.signature}`));
});

test("GitHub's own example is verified", () => {
  const header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  assert.ok(isHubSignedBy("It's a Secret to Everybody", Buffer.from("Hello, World!"), header));
  assert.ok(!isHubSignedBy("It's a Secret to Everybody", Buffer.from("Hello, World"), header));
  assert.ok(!isHubSignedBy("It's a Secret to Everybody", Buffer.from("Hello, World!"), header.slice(7)));
});

test("secrets are whsec_ and the base64 of 24 to 64 bytes", () => {
  const of = (bytes: number) => `whsec_${randomBytes(bytes).toString("base64")}`;
  assert.equal(secretKey(createWebhookSecret())?.length, 32);
  assert.deepEqual(
    [of(23), of(24), of(64), of(65), "whsec_", "whsec_not base64 at all, is it now?", of(32).slice(6)].map(
      (secret) => secretKey(secret)?.length,
    ),
    [undefined, 24, 64, undefined, undefined, undefined, undefined],
  );
});
