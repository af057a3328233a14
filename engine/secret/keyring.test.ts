import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonValue } from "../model/json.ts";
import { Keyring, SealError } from "./keyring.ts";

const [a, b] = [randomBytes(32), randomBytes(32)];
const place = "execution:7/step:12";

describe("a keyring", () => {
  it("opens what it sealed, whatever it is, and seals the same value differently each time", () => {
    const ring = new Keyring([a]);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sealed = ring.seal(value as JsonValue, place);
        assert.notEqual(sealed, ring.seal(value as JsonValue, place));
        assert.deepEqual(ring.open(sealed, place), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("opens nothing that was changed, cut, or moved to another place", () => {
    const ring = new Keyring([a]);
    const sealed = ring.seal({ token: "s3cret" }, place);
    const [id, text] = sealed.split(".") as [string, string];
    const bytes = Buffer.from(text, "base64url");
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      assert.throws(() => ring.open(`${id}.${changed.toString("base64url")}`, place), SealError);
    }
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(() => ring.open(`${id}.${bytes.subarray(0, end).toString("base64url")}`, place), SealError);
    }
    for (const other of ["execution:7/step:13", "execution:8/step:12", "execution:7/trigger"] as const) {
      assert.throws(() => ring.open(sealed, other), SealError);
    }
    for (const nonsense of ["", ".", id, `${id}.`, "x.y", `${id}.${text}.${text}`.slice(0, 20)]) {
      assert.throws(() => ring.open(nonsense, place), SealError);
    }
  });

  it("opens with a previous key, and seals with the current one", () => {
    const old = new Keyring([a]).seal("x", place);
    const rotated = new Keyring([b, a]);
    assert.equal(rotated.open(old, place), "x");
    const sealed = rotated.seal("y", place);
    assert.equal(new Keyring([b]).open(sealed, place), "y");
    assert.throws(() => new Keyring([a]).open(sealed, place), /which this process does not have/);
    assert.throws(() => new Keyring([b]).open(old, place), SealError);
  });

  it("takes keys of 32 bytes only", () => {
    assert.throws(() => new Keyring([randomBytes(31)]), /32 bytes, not 31/);
  });
});
