import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Issue } from "../model/errors.ts";
import type { JsonValue } from "../model/json.ts";
import { StepError } from "../model/step-error.ts";
import { type Bindings, type CompileOptions, compileTemplate, type Environment } from "./index.ts";

const env: Environment = {
  names: ["TOKEN", "UNSET"],
  get: (name) => (name === "TOKEN" ? "s3cret" : undefined),
};

const bindings: Bindings = {
  execution_id: 789,
  workflow_id: 123,
  trigger: {
    file_id: "f-1",
    count: 3,
    none: null,
    list: [5],
    nested: { deep: [{ id: 1 }, { id: 2 }] },
    "a-b": "hyphen",
  },
  steps: Object.assign(Object.create(null), {
    extract: {
      json: {
        items: [
          { id: 7, price: 2.5 },
          { id: 8, price: 4 },
        ],
      },
      content: "1 || true",
    },
    "my-step": { x: true },
    "two words": { y: "spaced" },
  }),
};

function compile(source: JsonValue, options: Partial<CompileOptions> = {}) {
  const issues: Issue[] = [];
  return { issues, template: compileTemplate(source, { path: "config", env, issues, ...options }) };
}

async function resolve(source: JsonValue, options: Partial<CompileOptions> = {}, within: Bindings = bindings) {
  const { template, issues } = compile(source, options);
  assert.deepEqual(issues, []);
  return template.resolve(within);
}

function isStepError(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StepError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

const values: readonly (readonly [string, JsonValue])[] = [
  ["{{execution_id}}", 789],
  ["{{ workflow_id }}", 123],
  ["{{trigger.file_id}}", "f-1"],
  ["{{trigger.none}}", null],
  ["{{trigger.list}}", [5]],
  ["{{trigger.list[0]}}", 5],
  ["{{trigger.list[-1]}}", 5],
  ["{{trigger.a-b}}", "hyphen"],
  ["{{steps.extract.json.items[0].id}}", 7],
  ["{{steps.extract.json.items.1.id}}", 8],
  ["{{steps.my-step.x}}", true],
  ["{{steps.`two words`.y}}", "spaced"],
  ["id={{execution_id}}, {{trigger.file_id}}!", "id=789, f-1!"],
  ["{{trigger.file_id}}{{trigger.count}}", "f-13"],
  ["as JSON: {{trigger.list}} {{trigger.none}} {{trigger.nested}}", 'as JSON: [5] null {"deep":[{"id":1},{"id":2}]}'],
  ["{{trigger.x ?? 5}}", 5],
  ["{{trigger.x ?? trigger.list}}", [5]],
  ["{{trigger.x ?? trigger.y ?? 'none'}}", "none"],
  ["{{trigger.none ?? 5}}", null],
  ["{{trigger.none ?: 5}}", 5],
  ['{{ "{{" }}', "{{"],
  ['a literal {{ "{{" }}x{{ "}}" }}', "a literal {{x}}"],
  ["{{trigger.count * 2 + 1}}", 7],
  ["{{steps.`my-step`.x ? 'yes' : 'no'}}", "yes"],
  ["{{$sum(steps.extract.json.items.price)}}", 6.5],
  ["{{[steps.extract.json.items[price > 3].id]}}", [8]],
  ['{{ {"a": {"b": trigger.count}} }}', { a: { b: 3 } }],
  ['{{{"a":{"b":{"c":1}}}}}', { a: { b: { c: 1 } } }],
  ['{{ "}}" & trigger.file_id }}', "}}f-1"],
  ["{{ trigger.count /* }} */ }}", 3],
  ["{{$map([1..3], function($i) { $i * $i })}}", [1, 4, 9]],
  ["{{$join(steps.extract.json.items.($string(id)), '-')}}", "7-8"],
  ["{{$replace(trigger.file_id, /[a-z]-(\\d)/i, '$1')}}", "1"],
  ["{{$contains('abc', /B/i)}}", true],
  ["{{$match('a1b22', /\\d+/).match}}", ["1", "22"]],
  ["{{$merge([{'a': 1}, {'b': execution_id}])}}", { a: 1, b: 789 }],
  ["not a {single} brace", "not a {single} brace"],
];

describe("a template", () => {
  for (const [source, expected] of values) {
    it(`resolves ${source}`, async () => assert.deepEqual(await resolve(source), expected));
  }

  it("is resolved synchronously while it holds plain paths only", () => {
    const { template } = compile({ a: ["{{trigger.count}}", "n {{steps.my-step.x}}"], b: "{{trigger.x ?? 1}}" });
    assert.deepEqual(template.resolve(bindings), { a: [3, "n true"], b: 1 });
  });

  it("fills in values, never keys", async () => {
    assert.deepEqual(await resolve({ "{{execution_id}}": "{{execution_id}}" }), { "{{execution_id}}": 789 });
  });

  it("keeps the order of keys and waits for asynchronous members", async () => {
    const value = await resolve({
      z: "{{trigger.count + 1}}",
      a: "{{trigger.count}}",
      n: [1, { m: "{{$sum([1,2])}}" }],
    });
    assert.equal(JSON.stringify(value), '{"z":4,"a":3,"n":[1,{"m":3}]}');
  });

  it("tells which steps it reads", () => {
    const { template } = compile([
      "{{steps.a.x}}",
      "{{steps.b.x + $$.steps.c.y}}",
      "{{trigger.items[steps.not_a_step > 1]}}",
      "{{steps.d.x ?? (steps.e.y)}}",
      "{{$map(trigger.list, function($v) { steps.f.x + $v })}}",
    ]);
    assert.deepEqual(template.reads.flatMap(({ steps }) => steps).sort(), ["a", "b", "c", "d", "e", "f"]);
  });

  it("reads item and index inside for_each only, input and output inside compensate only", async () => {
    assert.deepEqual(
      await resolve("{{item}}{{index}}", { locals: ["item", "index"] }, { ...bindings, item: "a", index: 0 }),
      "a0",
    );
    assert.match(compile("{{item.x}}").issues[0]!.message, /inside for_each only/);
    assert.match(compile("{{$string(output.x)}}").issues[0]!.message, /inside compensate only/);
  });

  it("takes bare names as parameters when they are allowed, and misses them when it runs", () => {
    assert.match(compile("{{api_token}}").issues[0]!.message, /unknown name "api_token"/);
    const { template, issues } = compile("Bearer {{api_token}}", { allowParameters: true });
    assert.deepEqual(issues, []);
    assert.throws(() => template.resolve(bindings), isStepError("VARIABLE_MISSING", /\{\{api_token\}\} in config/));
  });
});

describe("a missing variable", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{{trigger.nope}}", /\{\{trigger\.nope\}\} in config\.url has no value: trigger has no "nope"/],
    ["x{{trigger.file_id.a}}", /trigger\.file_id is a text/],
    ["{{steps.later.x}}", /step "later" has no output/],
    ["{{steps.extract.json.items[9]}}", /items has 2 items/],
    ["{{steps.extract.json.items.id}}", /is a list: write steps\.extract\.json\.items\[0\]\.id/],
    ["{{trigger.count-1}}", /subtraction is written with spaces/],
    ["{{trigger.x ?? trigger.y}}", /trigger has no "y"/],
    ["{{env.UNSET}}", /environment variable UNSET is not set/],
    ["{{trigger.nested.deep[id = 9]}}", /has no value/],
  ];
  for (const [source, message] of cases) {
    it(`is named: ${source}`, async () => {
      const { template, issues } = compile({ url: source });
      assert.deepEqual(issues, []);
      await assert.rejects(async () => template.resolve(bindings), isStepError("VARIABLE_MISSING", message));
      await assert.rejects(async () => template.resolve(bindings), { retryable: false });
    });
  }

  it("leaves no rejection unhandled beside a placeholder that is still running", async () => {
    const { template } = compile({
      a: "{{$error('late')}}",
      b: "{{trigger.nope}}",
      c: ["{{1 + 'x'}} {{trigger.nope}}"],
    });
    await assert.rejects(async () => template.resolve(bindings), isStepError("VARIABLE_MISSING", /nope/));
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe("an expression that cannot stand", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{{}}", /is empty/],
    ["{{trigger.x", /is not closed/],
    ["{{trigger.x | default: 5}}", /a fallback is written \{\{x \?\? value\}\}/],
    ["{{tigger.x}}", /did you mean trigger\?/],
    ["{{foo + 1}}", /unknown name "foo"/],
    ["{{trigger.__proto__.x}}", /may not read "__proto__"/],
    ["{{trigger.constructor}}", /may not read "constructor"/],
    ["{{trigger.a.prototype + 1}}", /may not read "prototype"/],
    ["{{$eval(trigger.x)}}", /may not use \$eval/],
    ["{{env.HOME}}", /not on the allow-list/],
    ["{{env.TOKE}}", /did you mean env\.TOKEN/],
    ["{{env}}", /form env\.NAME/],
    ["{{env.HOME & 'x'}}", /not on the allow-list/],
    ["{{env.TOKE & 'x'}}", /did you mean env\.TOKEN/],
    ["{{$lookup(env, 'TOKEN')}}", /by its name: env\.NAME/],
    ["{{$contains('a', /(?=a)/)}}", /look-around/],
    ["{{trigger.x +}}", /cannot be read/],
    [`{{${"(".repeat(4000)}1${")".repeat(4000)}}}`, /nested too deeply/],
    [`{{${"1+".repeat(5000)}1}}`, /more than 8192 characters/],
    [`{{${"(".repeat(30)}y${" ?? x)".repeat(30)}}}`, /too many \?\? or \?:/],
  ];
  for (const [source, message] of cases) {
    it(`is an issue: ${source.slice(0, 50)}`, () => {
      const { issues, template } = compile({ list: [source] });
      assert.equal(issues.length, 1, JSON.stringify(issues));
      assert.equal(issues[0]!.path, "config.list[0]");
      assert.match(issues[0]!.message, message);
      assert.throws(() => template.resolve(bindings), isStepError("EXPRESSION_FAILED", /config\.list\[0\]/));
    });
  }

  it("does not hide the others", () => {
    const { issues } = compile({ a: "{{env.HOME}}", "b c": ["{{", "{{nope}}"] });
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["config.a", 'config["b c"][0]', 'config["b c"][1]'],
    );
  });
});

describe("the environment", () => {
  it("is read in clear, and said to be read", () => {
    const { template } = compile({ headers: { Authorization: "Bearer {{env.TOKEN}}" } });
    assert.deepEqual(
      template.reads.map(({ env, path }) => [env, path]),
      [[["TOKEN"], "config.headers.Authorization"]],
    );
    assert.deepEqual(template.resolve(bindings), { headers: { Authorization: "Bearer s3cret" } });
    assert.deepEqual(compile("{{trigger.count}}").template.reads[0]?.env, []);
  });

  const uses: readonly (readonly [string, JsonValue])[] = [
    ["{{env.TOKEN ?? 'none'}}", "s3cret"],
    ["{{env.UNSET ?? 'none'}}", "none"],
    ["{{$uppercase(env.TOKEN)}}", "S3CRET"],
    ['{{$base64encode("user:" & env.TOKEN)}}', Buffer.from("user:s3cret").toString("base64")],
    ["{{$map(trigger.list, function($v) { $$.env.TOKEN & $v })}}", "s3cret5"],
    ["{{$split(env.TOKEN, '')}}", ["s", "3", "c", "r", "e", "t"]],
  ];
  for (const [source, value] of uses) {
    it(`can be used in an expression: ${source}`, async () => {
      assert.deepEqual(await resolve(source), value);
    });
  }

  for (const source of [
    "{{env}}",
    "{{$lookup(env, 'TOKEN')}}",
    "{{env.*}}",
    "{{($e := env; $e.TOKEN)}}",
    "{{env[0].TOKEN}}",
  ]) {
    it(`is read by name only: ${source}`, () => {
      assert.match(compile(source).issues[0]?.message ?? "", /env\.NAME/);
    });
  }

  it("is nowhere in the bindings for what does not name it", async () => {
    for (const source of ["{{$string($$)}}", "{{$string($)}}", "{{$keys($$)}}", "{{$string(**)}}"]) {
      assert.doesNotMatch(JSON.stringify(await resolve(source)), /s3cret|"env"/, source);
    }
    const both = await resolve("{{$keys($lookup($$, 'env')) & env.TOKEN}}");
    assert.doesNotMatch(String(both), /UNSET/);
  });
});

describe("results are plain JSON", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{{$sum}}", /function/],
    ["{{function($x) { $x }}}", /function/],
    ["{{trigger.count / 0}}", /Number out of range|Infinity/],
    ['{{ {"__proto__": 1} }}', /__proto__/],
    ["{{trigger.file_id * 2}}", /must evaluate to a number/],
  ];
  for (const [source, message] of cases) {
    it(`refuses ${source}`, async () => {
      await assert.rejects(resolve(source), isStepError("EXPRESSION_FAILED", message));
    });
  }
});

const plainText = fc.string().filter((text) => !text.includes("{{"));
const plainJson = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("{{"));
/** Data that looks like code. */
const codeLike = fc.oneof(
  fc.constantFrom(
    "{{trigger.x}}",
    "{{env.TOKEN}}",
    "1 || true",
    "$eval('1+1')",
    "$p0",
    "'); $error('x",
    '"}} {{ 1 + 1 }}',
  ),
  fc.string(),
);

describe("properties of templates", () => {
  it("a template without placeholders is its own value", () => {
    fc.assert(
      fc.property(plainJson, (value) => {
        assert.equal(compile(value as JsonValue).template.resolve(bindings), value);
      }),
    );
  });

  it("a whole placeholder keeps the value, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { template } = compile("{{trigger.value}}");
        assert.equal(template.resolve({ ...bindings, trigger: { value: value as JsonValue } }), value);
      }),
    );
  });

  it("no value of the bindings is ever read as an expression", async () => {
    const { template } = compile({ whole: "{{trigger.v}}", text: "<{{trigger.v}}>", joined: "{{trigger.v & ''}}" });
    await fc.assert(
      fc.asyncProperty(codeLike, async (v) => {
        assert.deepEqual(await template.resolve({ ...bindings, trigger: { v } }), {
          whole: v,
          text: `<${v}>`,
          joined: v,
        });
      }),
    );
  });

  it("arbitrary text never throws while it is compiled", () => {
    const noise = fc.array(
      fc.oneof(plainText, fc.constantFrom("{{", "}}", "trigger", ".", "??", "(", "'", '"', "/", "[")),
    );
    fc.assert(fc.property(noise, (parts) => void compile(parts.join(""))));
  });
});

it("a text that is put together from large values fails by name before it is made", async () => {
  const large: Bindings = { ...bindings, trigger: { text: "x".repeat(1024 * 1024), list: ["x".repeat(1024 * 1024)] } };
  const times = (placeholder: string, count: number) => Array.from({ length: count }, () => placeholder).join(" ");
  assert.equal(String(await resolve(times("{{trigger.text}}", 8), {}, large)).length, 8 * 1024 * 1024 + 7);
  for (const placeholder of ["{{trigger.text}}", "{{trigger.list}}"]) {
    await assert.rejects(
      async () => resolve(times(placeholder, 2_000), {}, large),
      isStepError("EXPRESSION_FAILED", /more than 16777216 characters/),
    );
  }
});
