import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonValue } from "../model/json.ts";
import { Keyring, SealError } from "./keyring.ts";

const [a, b] = [randomBytes(32), randomBytes(32)];
const PLACE = "execution:7/step:12";

describe("a keyring", () => {
  it("opens what it sealed, whatever it is, and seals the same value differently each time", () => {
    const ring = new Keyring([a]);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sealed = ring.seal(value as JsonValue, PLACE);
        assert.notEqual(sealed, ring.seal(value as JsonValue, PLACE));
        assert.deepEqual(ring.open(sealed, PLACE), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("opens nothing that was changed, cut, or moved to another place", () => {
    const ring = new Keyring([a]);
    const sealed = ring.seal({ token: "s3cret" }, PLACE);
    const [id, text] = sealed.split(".") as [string, string];
    const bytes = Buffer.from(text, "base64url");
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      assert.throws(() => ring.open(`${id}.${changed.toString("base64url")}`, PLACE), SealError);
    }
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(() => ring.open(`${id}.${bytes.subarray(0, end).toString("base64url")}`, PLACE), SealError);
    }
    for (const other of ["execution:7/step:13", "execution:8/step:12", "execution:7/trigger"] as const) {
      assert.throws(() => ring.open(sealed, other), SealError);
    }
    for (const nonsense of ["", ".", id, `${id}.`, "x.y", `${id}.${text}.${text}`.slice(0, 20)]) {
      assert.throws(() => ring.open(nonsense, PLACE), SealError);
    }
  });

  it("opens with a previous key, and seals with the current one", () => {
    const old = new Keyring([a]).seal("x", PLACE);
    const rotated = new Keyring([b, a]);
    assert.equal(rotated.open(old, PLACE), "x");
    const sealed = rotated.seal("y", PLACE);
    assert.equal(new Keyring([b]).open(sealed, PLACE), "y");
    assert.throws(() => new Keyring([a]).open(sealed, PLACE), /which this process does not have/);
    assert.throws(() => new Keyring([b]).open(old, PLACE), SealError);
  });

  it("takes keys of 32 bytes only", () => {
    assert.throws(() => new Keyring([randomBytes(31)]), /32 bytes, not 31/);
  });
});
