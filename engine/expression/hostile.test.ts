import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { longestTurnMs } from "../../tests/support/cpu-time.ts";
import type { Issue } from "../model/errors.ts";
import type { JsonValue } from "../model/json.ts";
import { type Bindings, compileTemplate } from "./index.ts";

const items = Array.from({ length: 50_000 }, (_, id) => ({ id }));
const bindings: Bindings = {
  execution_id: 1,
  workflow_id: 1,
  // So long that what goes back over it never ends, and what does not has a small part of its time on a busy machine.
  trigger: { items, evil: `${"a".repeat(5_000)}!` },
  steps: Object.create(null),
};

/** Far above what a turn of the loop may take, far below what these would need unguarded. */
const MAX_BLOCKED_MS = 1_000;

async function run(source: JsonValue): Promise<JsonValue> {
  const issues: Issue[] = [];
  const template = compileTemplate(source, { path: "config", env: { names: [], get: () => undefined }, issues });
  assert.deepEqual(issues, []);
  return template.resolve(bindings);
}

const DAG = "$f := function($n) { $n = 0 ? 'aaaa' : ($x := $f($n - 1); [[$x], [$x]]) }";
const hostile: readonly (readonly [string, string])[] = [
  ["an endless tail recursion", "($f := function() { $f() }; $f())"],
  ["an endless recursion", "($f := function($n) { 1 + $f($n + 1) }; $f(1))"],
  ["a huge range", "[1..10000000]"],
  ["a list of lists that doubles", "$count($reduce([1..40], function($a, $b) { $append($a, $a) }, [1]))"],
  ["a text that doubles", "$length($reduce([1..28], function($a, $b) { $a & $a }, 'x'))"],
  ["a wide pad", "$pad('x', 1000000000)"],
  ["a structure that shares itself, written out", `(${DAG}; $string($f(40)))`],
  ["a structure that shares itself, as the result", `(${DAG}; $f(40))`],
  ["two structures that share themselves, compared", `(${DAG}; $f(40) = $f(40))`],
  ["a product of lists", "$count(trigger.items.($$.trigger.items.($$.trigger.items)))"],
  ["a filter inside a filter", "$count(trigger.items[id in $$.trigger.items[id > 0].id])"],
];

describe("a hostile expression", () => {
  for (const [name, source] of hostile) {
    it(`fails without holding up the process: ${name}`, async () => {
      const blocked = await longestTurnMs(() => assert.rejects(run(`{{${source}}}`), { code: "EXPRESSION_FAILED" }));
      assert.ok(blocked < MAX_BLOCKED_MS, `one turn took ${blocked} ms`);
    });
  }

  it("leaves the sandbox usable, also when many come at once", async () => {
    const blocked = await longestTurnMs(async () => {
      const bad = hostile.slice(0, 3).map(([, source]) => assert.rejects(run(`{{${source}}}`)));
      const good = Array.from({ length: 20 }, (_, n) => run(`{{$map([${n}..${n + 1}], function($i) { $i })}}`));
      await Promise.all(bad);
      assert.deepEqual((await Promise.all(good))[7], [7, 8]);
    });
    assert.ok(blocked < MAX_BLOCKED_MS, `one turn took ${blocked} ms`);
  });

  it("cannot slow a regular expression down", async () => {
    assert.equal(await run("{{$contains(trigger.evil, /^(a+)+$/)}}"), false);
    assert.equal(await run("{{$replace(trigger.evil, /(a|aa)+!/, 'x')}}"), "x");
  });

  it("reaches nothing of the process", async () => {
    for (const source of ["$lookup(trigger, 'constructor')", "$lookup(trigger, '__proto__')", "$process", "$require"]) {
      await assert.rejects(run(`{{${source}}}`), { code: "VARIABLE_MISSING" }, source);
    }
  });
});
