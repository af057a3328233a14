import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonValue } from "../model/json.ts";
import { createSecretMask } from "./index.ts";

const SECRET = 'p@ss "wörd"/+=&x';
const mask = createSecretMask([SECRET, "tok"]);

describe("a secret mask", () => {
  const hidden: readonly (readonly [string, string])[] = [
    ["as it is", `Bearer ${SECRET}!`],
    ["URL-encoded", `?q=${encodeURIComponent(SECRET)}`],
    ["form-encoded", `q=${new URLSearchParams({ a: SECRET })}`],
    ["inside JSON", JSON.stringify({ a: SECRET })],
    ["in base64", Buffer.from(SECRET).toString("base64")],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
    ["in hex", Buffer.from(SECRET).toString("hex")],
    ["in a Basic header", `Basic ${Buffer.from(`user:${SECRET}`).toString("base64")}`],
  ];
  for (const [name, text] of hidden) {
    it(`hides it ${name}`, () => {
      const masked = mask(text);
      assert.notEqual(masked, text);
      assert.match(masked, /\*\*\*/);
    });
  }

  it("reaches into members and keys, and leaves the rest as it was", () => {
    const untouched = { list: [1, null, true, "plain"] };
    const masked = mask({ [`k-${SECRET}`]: [{ deep: "a tok b tok" }], untouched } as JsonValue);
    assert.deepEqual(masked, { "k-***": [{ deep: "a *** b ***" }], untouched });
    assert.equal((masked as { untouched: unknown }).untouched, untouched);
  });

  it("returns the same reference when there is nothing to hide", () => {
    const value = { a: ["b", { c: 1 }] };
    assert.equal(mask(value), value);
    assert.equal(createSecretMask([])(value), value);
    assert.equal(createSecretMask([""])(value), value);
  });

  it("removes every occurrence, wherever it stands", () => {
    const secrets = fc.string({ minLength: 3 }).filter((text) => !"***".includes(text) && !text.includes("*"));
    fc.assert(
      fc.property(secrets, fc.array(fc.string()), fc.jsonValue(), (hiddenText, around, other) => {
        const value = {
          [around.join(hiddenText)]: [around.join(hiddenText), { a: `${hiddenText}${hiddenText}` }],
          other,
        };
        const masked = createSecretMask([hiddenText])(value as unknown as JsonValue);
        assertAbsent(masked, hiddenText);
      }),
    );
  });
});

function assertAbsent(value: JsonValue, text: string): void {
  if (typeof value === "string") assert.ok(!value.includes(text));
  else if (Array.isArray(value)) for (const member of value) assertAbsent(member, text);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      assert.ok(!key.includes(text));
      assertAbsent(member, text);
    }
  }
}
