import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Issue } from "../model/errors.ts";
import type { JsonValue } from "../model/json.ts";
import { type Bindings, compileCondition } from "./index.ts";

const bindings: Bindings = {
  execution_id: 1,
  workflow_id: 2,
  trigger: { kind: "x", evil: "1 || true", no: "", zero: 0, none: null, tags: ["a", "b"], text: "10", ok: true },
  steps: Object.assign(Object.create(null), { a: { n: 11, list: [0, ""] }, "my-step": { done: false } }),
};
const env = { names: ["MODE"], get: () => "prod" };

function compile(source: JsonValue) {
  const issues: Issue[] = [];
  return { issues, condition: compileCondition(source, { path: "if", env, issues }) };
}

async function evaluate(source: JsonValue, within = bindings): Promise<boolean> {
  const { issues, condition } = compile(source);
  assert.deepEqual(issues, []);
  return condition.evaluate(within);
}

const verdicts: readonly (readonly [JsonValue, boolean])[] = [
  [true, true],
  [false, false],
  ["true", true],
  ["{{steps.a.n}} > 10", true],
  ["{{steps.a.n}} >= 11 && {{steps.a.n}} <= 11", true],
  ["10 < {{steps.a.n}}", true],
  ["{{trigger.kind}} == 'x'", true],
  ['{{trigger.kind}} === "x"', true],
  ["{{trigger.kind}} = 'y'", false],
  ["{{trigger.kind}} != 'y'", true],
  ["{{trigger.kind}} !== 'x'", false],
  ["'{{trigger.kind}}' == 'x'", true],
  ["'{{steps.a.n}}' == '11'", true],
  ["'v{{steps.a.n}}' == 'v11'", true],
  ["{{trigger.kind}} == 'y' || {{steps.a.n}} == 11", true],
  ["{{trigger.kind}} == 'a || b'", false],
  ["{{trigger.kind}} & '==' == 'x=='", true],
  ["{{trigger.kind}} in ['x', 'y']", true],
  ["$not({{steps.my-step.done}})", true],
  ["{{trigger.evil}} == true", false],
  ["{{trigger.evil}} == '1 || true'", true],
  ["{{trigger.text}} == 10", false],
  ["$number({{trigger.text}}) == 10", true],
  ["$contains({{trigger.evil}}, /1 \\|\\| t/)", true],
  ["$count({{trigger.tags}}) == 2", true],
  ["{{trigger.tags}} = ['a', 'b']", true],
  ["{{trigger.tags}} == {{trigger.tags}}", true],
  ["trigger.kind = 'x' and $exists(steps.nope) = false", true],
  ["{{trigger.nope ?? 0}} > 1", false],
  ["{{env.MODE}} == 'prod'", true],
  ["{{trigger.ok}}", true],
  ["{{trigger.text}}", true],
  ["{{trigger.no}}", false],
  ["{{trigger.zero}}", false],
  ["{{trigger.none}}", false],
  ["{{trigger.tags}}", true],
  ["{{steps.a.list}}", false],
  [{ type: "equals", left: "{{steps.a.n}}", right: 11 }, true],
  [{ type: "equals", left: "{{steps.a.n}}", right: "11" }, false],
  [{ type: "not_equals", left: "{{trigger.tags}}", right: ["a"] }, true],
  [{ type: "contains", left: "{{trigger.tags}}", right: "b" }, true],
  [{ type: "contains", left: "{{trigger.evil}}", right: "||" }, true],
  [{ type: "contains", left: "{{trigger}}", right: "kind" }, true],
  [{ type: "not_contains", left: "abc", right: "{{trigger.kind}}" }, true],
  [{ type: "greater_than", left: "{{steps.a.n + 1}}", right: 11 }, true],
  [{ type: "less_than", left: "{{steps.a.n}}", right: "{{$sum([5, 6])}}" }, false],
  [{ type: "exists", left: "{{steps.a.n}}" }, true],
  [{ type: "exists", left: "{{trigger.none}}" }, true],
  [{ type: "exists", left: "{{steps.nope.x}}" }, false],
  [{ type: "exists", left: "{{$lookup(trigger, 'nope')}}" }, false],
  [{ type: "not_exists", left: "{{steps.nope.x}}", right: null }, true],
];

describe("a condition", () => {
  for (const [source, expected] of verdicts) {
    it(`${JSON.stringify(source)} is ${expected}`, async () => assert.equal(await evaluate(source), expected));
  }

  it("is evaluated synchronously when it compares a placeholder", () => {
    assert.equal(compile("{{steps.a.n}} > 10").condition.evaluate(bindings), true);
    assert.equal(compile("{{trigger.kind}} == 'a = b'").condition.evaluate(bindings), false);
  });

  it("tells which steps it reads and whether it reads the environment", () => {
    const { condition } = compile("{{steps.a.n}} > 1 && steps.b.x = 2 && '{{steps.c.y}}' == {{env.MODE}}");
    assert.deepEqual(condition.reads.flatMap(({ steps }) => steps).sort(), ["a", "b", "c"]);
    assert.deepEqual(
      condition.reads.flatMap(({ env }) => env),
      ["MODE"],
    );
  });

  const failures: readonly (readonly [JsonValue, string, RegExp])[] = [
    ["{{trigger.text}} > 5", "EXPRESSION_FAILED", /cannot order a text and a number \(convert with \$number/],
    ["{{trigger.none}} < 5", "EXPRESSION_FAILED", /cannot order null and a number/],
    ["{{trigger.text}} > 5 and true", "EXPRESSION_FAILED", /same data type/],
    ["{{env.MODE}} > 5 and true", "EXPRESSION_FAILED", /^(?!.*prod).*withheld/],
    [{ type: "greater_than", left: "{{trigger.tags}}", right: 1 }, "EXPRESSION_FAILED", /a list and a number/],
    [{ type: "contains", left: 5, right: 5 }, "EXPRESSION_FAILED", /cannot search a number and a number/],
    ["{{trigger.nope}} > 5", "VARIABLE_MISSING", /trigger\.nope/],
    ["trigger.nope", "VARIABLE_MISSING", /trigger\.nope/],
  ];
  for (const [source, code, message] of failures) {
    it(`${JSON.stringify(source)} fails with ${code}`, async () => {
      await assert.rejects(evaluate(source), { code, message, retryable: false });
    });
  }

  const broken: readonly (readonly [JsonValue, string, RegExp])[] = [
    ["", "if", /empty/],
    [5, "if", /must be a condition/],
    [null, "if", /must be a condition/],
    ["{{nope}} > 1", "if", /unknown name "nope"/],
    ["{{trigger.x}} >", "if", /cannot be read/],
    ["{{trigger.x}} == 'open", "if", /not closed/],
    ["{{trigger.x", "if", /not closed/],
    [{ type: "equal", left: 1, right: 1 }, "if.type", /one of equals/],
    [{ type: "equals", left: 1 }, "if.right", /required/],
    [{ type: "equals", left: "{{nope}}", right: 1 }, "if.left", /unknown name/],
    [{ type: "equals", left: 1, right: 1, lefft: 2 }, "if.lefft", /did you mean left/],
  ];
  for (const [source, path, message] of broken) {
    it(`${JSON.stringify(source)} is refused`, async () => {
      const { issues, condition } = compile(source);
      assert.equal(issues[0]?.path, path);
      assert.match(issues[0]!.message, message);
      await assert.rejects(async () => condition.evaluate(bindings), { code: "EXPRESSION_FAILED" });
    });
  }

  it("never reads a value as an expression", async () => {
    const hostile = fc.oneof(
      fc.constantFrom("1 || true", "' || true || '", "{{execution_id}}", "$p0", "true"),
      fc.string(),
    );
    const quick = compile("{{trigger.v}} == 'only this'").condition;
    const full = compile("({{trigger.v}} == 'only this') && true && '{{trigger.v}}' == 'only this'").condition;
    await fc.assert(
      fc.asyncProperty(hostile, async (v) => {
        const within = { ...bindings, trigger: { v } };
        assert.equal(await quick.evaluate(within), v === "only this");
        assert.equal(await full.evaluate(within), v === "only this");
      }),
    );
  });
});
