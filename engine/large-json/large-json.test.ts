import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { longestTurnMs } from "../../tests/support/loop-probe.ts";
import { createSecretMask } from "../expression/index.ts";
import { type TenantId, tenantNamed } from "../model/index.ts";
import type { JsonValue } from "../model/json.ts";
import {
  inSlices,
  knownMeasure,
  nothingWritten,
  parseLargeJson,
  type Sliced,
  StoredJson,
  stringifyStored,
  writeJson,
} from "./index.ts";
import { jsonSize } from "./json-size.ts";
import { measureOf } from "./measure.ts";
import { fromParts, toParts } from "./parts.ts";

/** Small values, and some that are larger than a piece. */
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .tuple(fc.jsonValue({ maxDepth: 2 }), fc.integer({ min: 1, max: 10_000 }))
    .map(([value, n]) => Array(n).fill(value)),
  fc.tuple(fc.string({ unit: "binary", minLength: 1 }), fc.integer({ min: 1, max: 20_000 })).map(([text, n]) => ({
    [text]: text.repeat(n),
    rest: [text.repeat(n), n, { [text.repeat(9)]: null }],
  })),
  fc
    .integer({ min: 3_000, max: 9_000 })
    .map((n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, { i }]))),
) as fc.Arbitrary<JsonValue>;

const tenantId = tenantNamed("tenant");

/** 10 MiB as objects of which each is small: the worst that a remote service may answer. */
const worst = `[${"{},".repeat(3_400_000)}{}]`;
const rows = {
  items: Array.from({ length: 60_000 }, (_, id) => ({ id, name: `item ${id}`, tags: ["a", "b"], ok: true })),
};
/** One turn had 400 ms and more of it. */
const MAX_TURN_MS = 100;

describe("what is done in slices comes to the same as at a stretch", () => {
  test("writing", async () => {
    const property = fc.asyncProperty(json, async (value) => {
      const pieces = await inSlices(writeJson(value, nothingWritten), "test");
      assert.equal(Buffer.concat(pieces).toString(), JSON.stringify(value));
      const known = new Map([[value, pieces]]);
      const around = { before: 1, value, list: [value, 2, value] };
      assert.equal(Buffer.concat(await inSlices(writeJson(around, known), "test")).toString(), JSON.stringify(around));
    });
    await fc.assert(property, { numRuns: 25 });
    const gaps = { a: undefined, b: 1 } as unknown as JsonValue;
    assert.equal(Buffer.concat(await inSlices(writeJson(gaps, nothingWritten), "test")).toString(), '{"b":1}');
  });

  test("handing over from a thread", async () => {
    const property = fc.asyncProperty(json, async (value) => {
      const text = JSON.stringify(value);
      const copy = await inSlices(fromParts(toParts(JSON.parse(text))), "test");
      assert.equal(JSON.stringify(copy), text);
      const known = typeof copy === "object" && copy !== null && knownMeasure(copy);
      if (known) assert.deepEqual(known, measureOf(value as object));
      assert.equal(jsonSize(copy), jsonSize(value), "known or not");
    });
    await fc.assert(property, { numRuns: 25 });
    const own = JSON.parse(`{"__proto__":{"a":1},"long":"${"x".repeat(70_000)}"}`) as JsonValue;
    const copy = await inSlices(fromParts(toParts(own)), "test");
    assert.deepEqual(Object.keys(copy as object), ["__proto__", "long"]);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  });

  test("masking, wherever a secret lies", async () => {
    const mask = createSecretMask(["swordfish", "aaaa-bbbb"]);
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom("swordfish", "x".repeat(65_530), "aaaa-bbbb", "swordfis", "aaaa"), { maxLength: 5 }),
      async (parts) => {
        const value = { text: parts.join(""), list: [parts.join("-")], [parts[0] ?? "key"]: parts };
        assert.deepEqual(await mask.inSlices(value), mask(value));
      },
    );
    await fc.assert(property, { numRuns: 12 });
    assert.equal(await mask.inSlices(rows), rows, "the same, where there is none");
  });

  test("putting what is stored into an answer", () => {
    const text = JSON.stringify({ ...rows, dollars: "$& $1 $$", quotes: 'a"b' });
    const answer = { a: [StoredJson.of(text), 1], b: { c: StoredJson.of(text) }, small: StoredJson.of("[1]") };
    assert.equal(stringifyStored(answer), `{"a":[${text},1],"b":{"c":${text}},"small":[1]}`);
    assert.equal(JSON.stringify(answer), stringifyStored(answer), "by who does not know of it, too");
    const once = StoredJson.written({ a: 1 });
    assert.equal(stringifyStored([once, once]), '[{"a":1},{"a":1}]');
  });
});

test("all that is done in slices has one slice together in each turn of the event loop", async () => {
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const turns: number[] = [];
  const order: string[] = [];
  /** Each of its steps is longer than a slice. */
  function* work(name: string): Sliced<void> {
    for (let i = 0; i < 5; i++) {
      for (const until = performance.now() + 4; performance.now() < until; );
      turns.push(turn);
      order.push(name);
      yield;
    }
  }
  await Promise.all(["a", "b", "c"].map((name) => inSlices(work(name), "test")));
  isOver = true;
  assert.equal(new Set(turns).size, turns.length, `turns ${turns}`);
  assert.equal(order.join(""), "abc".repeat(5));
  await assert.rejects(inSlices(broken(), "test"), { message: "broken" });
  assert.deepEqual(await inSlices(fromParts(toParts([1])), "test"), [1], "the next goes on");
});

// biome-ignore lint/correctness/useYield: it does not come so far.
function* broken(): Sliced<void> {
  throw new Error("broken");
}

test("tenants take turns in the thread", async () => {
  const order: string[] = [];
  const parse = async (tenantId: TenantId) => {
    await parseLargeJson(Buffer.from(JSON.stringify(rows)), { tenantId });
    order.push(tenantId);
  };
  await Promise.all(["a", "a", "a", "a", "b"].map(tenantNamed).map(parse));
  assert.ok(order.indexOf("b") <= 2, `${order}`);
});

describe("no turn of the event loop is held by ten MiB of JSON", () => {
  test("that is parsed", async () => {
    await parseLargeJson(Buffer.from("[]"), { tenantId });
    let json: unknown;
    const held = await longestTurnMs(async () => {
      json = (await parseLargeJson(Buffer.from(worst), { tenantId })).json;
    });
    assert.equal((json as unknown[]).length, 3_400_001);
    assert.ok(held < MAX_TURN_MS, `held for ${held} ms`);
  });

  test("that is masked and written", async () => {
    const value = Array.from({ length: 6 }, () => rows) as unknown as JsonValue;
    const mask = createSecretMask(["swordfish"]);
    const held = await longestTurnMs(async () => {
      await mask.inSlices(value);
      await inSlices(writeJson(value, nothingWritten), "test");
    });
    assert.ok(held < MAX_TURN_MS, `held for ${held} ms`);
  });

  test("and a part that is beyond its bound is not built: an empty one with its measure stands for it", async () => {
    const bound = { path: ["payload", "variables"], levels: 10, values: 1_000 } as const;
    const parsed = async (variables: string) => {
      const text = `{"id":"1","payload":{"query":"q","variables":${variables}}}`;
      const { problem, json } = await parseLargeJson(Buffer.from(text), { tenantId, bound });
      assert.equal(problem, null);
      const { id, payload } = json as { id: string; payload: { query: string; variables: object } };
      assert.deepEqual([id, payload.query], ["1", "q"]);
      return payload.variables;
    };
    const many = await parsed(JSON.stringify({ list: Array.from({ length: 1_000 }, () => "ab") }));
    assert.deepEqual(many, {});
    assert.deepEqual(knownMeasure(many), { values: 1_001, characters: 2_004, levels: 2, size: 5_072 });
    const deep = await parsed(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    assert.deepEqual([deep, knownMeasure(deep)?.levels], [{}, 11]);
    assert.deepEqual(await parsed('{"list":[1,2]}'), { list: [1, 2] });
    assert.equal(await parsed("null"), null);
  });

  test("and what is no JSON, too deep, or would reach a prototype is told as such", async () => {
    const problem = async (text: string) => (await parseLargeJson(Buffer.from(text), { tenantId })).problem;
    assert.equal(await problem("[1,"), "no JSON");
    assert.equal(await problem(`${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`), "deep");
    assert.equal(await problem('[{"a":{"__proto__":{}}}]'), "poisoned");
    assert.equal(await problem('{"constructor":{"prototype":1}}'), "poisoned");
    assert.equal(await problem('{"constructor":"a","prototype":1}'), null);
  });
});
