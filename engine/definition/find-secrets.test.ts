import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HttpClient } from "../http/index.ts";
import type { JsonObject } from "../model/json.ts";
import { createStepTypes, type StepServices } from "../steps/index.ts";
import { parseDefinition } from "./index.ts";

const stepTypes = createStepTypes({ http: {} as HttpClient, mailer: null, files: {} as StepServices["files"] });
const env = { names: ["KEY"], get: () => "value-of-key" };

function parse(steps: readonly JsonObject[], options: { triggerIsSecret?: boolean; isStored?: boolean } = {}) {
  return parseDefinition({ steps: [...steps] }, { stepTypes, env, defaults: { maxRetries: 0 }, ...options });
}

const login = { name: "login", type: "http_request", sensitive: true, config: { url: "https://x.test" } };
const open = { name: "open", type: "http_request", config: { url: "https://x.test" } };
const compute = (name: string, source: string, rest: JsonObject = {}): JsonObject => ({
  name,
  type: "data_transform",
  config: { source_data: source, transformations: [] },
  ...rest,
});

/** Steps, and the names of those whose output is secret. */
const outputs: readonly (readonly [string, readonly JsonObject[], readonly string[]])[] = [
  ["nothing secret", [open, compute("a", "{{steps.open.json}}")], []],
  ["a step that says so", [login], ["login"]],
  ["computed from the environment", [compute("a", "{{env.KEY}}")], ["a"]],
  ["inside of an expression", [compute("a", "{{$uppercase(env.KEY) & 'x'}}")], ["a"]],
  ["inside of other text", [compute("a", "Bearer {{env.KEY}}")], ["a"]],
  ["computed from a secret step", [login, compute("a", "{{steps.login.json.t}}")], ["login", "a"]],
  [
    "and so on from there",
    [compute("a", "{{env.KEY}}"), compute("b", "{{steps.a.result}}"), compute("c", "{{$length(steps.b.result)}}")],
    ["a", "b", "c"],
  ],
  [
    "what is sent to another side is not",
    [compute("a", "{{env.KEY}}"), { ...open, config: { url: "{{steps.a}}" } }],
    ["a"],
  ],
  ["a log of it", [{ name: "l", type: "log", config: { message: "{{env.KEY}}" } }], ["l"]],
  ["the step before, without a source", [login, { name: "a", type: "data_transform", config: {} }], ["login", "a"]],
  ["with a source of its own", [login, compute("a", "{{trigger.x}}")], ["login"]],
  [
    "steps as a whole",
    [login, compute("a", "{{steps}}"), compute("b", "{{$lookup(steps, trigger.n)}}")],
    ["login", "a", "b"],
  ],
  ["the scope as a whole", [login, compute("a", "{{$string($$)}}"), compute("b", "{{**.t}}")], ["login", "a", "b"]],
  ["as a whole, with nothing secret", [open, compute("a", "{{steps.*}}")], []],
  [
    "as a whole, with a secret that is computed only later",
    [open, compute("a", "{{steps.*}}"), compute("b", "{{env.KEY}}")],
    ["a", "b"],
  ],
  [
    "an inline action",
    [
      {
        name: "c",
        type: "conditional",
        config: { condition: true, false_action: { type: "log", config: { message: "{{env.KEY}}" } } },
      },
    ],
    ["c"],
  ],
  [
    "an item",
    [compute("each", "{{item}}{{env.KEY}}", { for_each: { items: [1] } }), compute("after", "{{steps.each[0]}}")],
    ["each", "after"],
  ],
];

describe("which outputs are secret is known from the definition", () => {
  for (const [name, steps, expected] of outputs) {
    it(name, () => {
      const parsed = parse(steps);
      assert.ok("definition" in parsed, JSON.stringify(parsed));
      const secret = parsed.definition.steps.filter(({ isSecret }) => isSecret);
      assert.deepEqual(
        secret.map((step) => step.name),
        expected,
      );
    });
  }

  it("a secret trigger makes secret what is computed from it", () => {
    const steps = [compute("a", "{{trigger.x}}"), compute("b", "{{$string($$)}}"), compute("c", "{{execution_id}}")];
    const parsed = parse(steps, { triggerIsSecret: true });
    assert.ok("definition" in parsed);
    assert.deepEqual(
      parsed.definition.steps.map(({ isSecret }) => isSecret),
      [true, true, false],
    );
  });

  it("a definition of the largest size takes a moment", () => {
    const chain = Array.from({ length: 999 }, (_, i) =>
      compute(
        `s${i}`,
        i === 0
          ? "{{env.KEY}}"
          : `{{[${Array.from({ length: Math.min(i, 3) }, (_, j) => `steps.s${i - 1 - j}.result`).join(",")}]}}`,
      ),
    );
    const started = process.cpuUsage();
    const parsed = parse(chain);
    assert.ok("definition" in parsed, JSON.stringify(parsed).slice(0, 300));
    assert.ok(parsed.definition.steps.every(({ isSecret }) => isSecret));
    assert.ok(process.cpuUsage(started).user < 10_000_000);
  });
});

const at = (i: number, rest: string): string => `workflow_config.steps[${i}].${rest}`;
const when = { type: "data_transform", config: { source_data: 1 } };

/** A definition, where it is refused, and what it reads there. */
const refused: readonly (readonly [readonly JsonObject[], string, string])[] = [
  [[{ ...when, if: "{{env.KEY}} == 'x'" }], at(0, "if"), "env.KEY"],
  [[{ ...when, if: "$length({{env.KEY}}) > 3" }], at(0, "if"), "env.KEY"],
  [[{ ...when, if: "env.KEY = 'x'" }], at(0, "if"), "env.KEY"],
  [[login, { ...when, if: "{{steps.login.status_code}} == 200" }], at(1, "if"), "steps.login"],
  [[login, { ...when, if: "'{{steps.login.body}}' == 'x'" }], at(1, "if"), "steps.login"],
  [[login, { ...when, if: "$count(steps.*) > 0" }], at(1, "if"), "steps as a whole, with steps.login"],
  [[login, { ...when, if: { type: "exists", left: "{{steps.login.json.x}}" } }], at(1, "if.left"), "steps.login"],
  [
    [login, { type: "conditional", config: { condition: "{{steps.login.json.ok}}" } }],
    at(1, "config.condition"),
    "steps.login",
  ],
  [[login, { ...when, for_each: { items: "{{steps.login.json}}" } }], at(1, "for_each.items"), "steps.login"],
  [[login, { ...when, for_each: { items: ["{{steps.login.json}}"] } }], at(1, "for_each.items[0]"), "steps.login"],
  [
    [{ type: "wait_for_event", config: { event: "e", match: { "a.b": "{{env.KEY}}" } } }],
    at(0, 'config.match["a.b"]'),
    "env.KEY",
  ],
  [[{ type: "wait_for_event", config: { event: "{{env.KEY}}" } }], at(0, "config.event"), "env.KEY"],
  [
    [{ type: "wait_for_event", config: { event: "e", correlation: "x{{env.KEY}}" } }],
    at(0, "config.correlation"),
    "env.KEY",
  ],
  [[{ type: "delay", config: { seconds: "{{$length(env.KEY)}}" } }], at(0, "config.seconds"), "env.KEY"],
  [
    [{ type: "event_command", config: { event: "a", reply: "b", data: { k: "{{env.KEY}}" } } }],
    at(0, "config.data.k"),
    "env.KEY",
  ],
  [[{ type: "workflow", config: { workflow_name: "{{env.KEY}}" } }], at(0, "config.workflow_name"), "env.KEY"],
  [
    [
      {
        type: "data_transform",
        config: {
          transformations: [{ type: "filter", key: "k", condition: { operator: "equals", value: "{{env.KEY}}" } }],
        },
      },
    ],
    at(0, "config.transformations[0].condition.value"),
    "env.KEY",
  ],
  [
    [
      {
        type: "conditional",
        config: {
          condition: true,
          true_action: { type: "conditional", config: { condition: "{{env.KEY}}" } },
        },
      },
    ],
    at(0, "config.true_action.config.condition"),
    "env.KEY",
  ],
  [
    [{ ...login, compensate: { type: "wait_for_event", config: { event: "{{output.json.x}}" } } }],
    at(0, "compensate.config.event"),
    "output",
  ],
  [
    [
      {
        type: "http_request",
        config: { url: "https://x.test/{{env.KEY}}" },
        compensate: { type: "delay", config: { until: "{{input.url}}" } },
      },
    ],
    at(0, "compensate.config.until"),
    "input",
  ],
];

describe("a secret decides nothing, and is stored nowhere as it is", () => {
  for (const [steps, path, what] of refused) {
    it(`${path}: ${JSON.stringify(steps.at(-1)).slice(0, 90)}`, () => {
      const parsed = parse(steps);
      assert.ok("issues" in parsed, "it must be refused");
      assert.deepEqual(
        parsed.issues.map((issue) => issue.path),
        [path],
        JSON.stringify(parsed.issues),
      );
      assert.ok(parsed.issues[0]!.message.startsWith(`may not read a secret (${what}):`), parsed.issues[0]!.message);
      // What was accepted before goes on.
      assert.ok("definition" in parse(steps, { isStored: true }));
    });
  }

  it("a member of that name deeper in a config is no such place", () => {
    const data = { config: { match: "{{env.KEY}}" } };
    assert.ok(
      "definition" in parse([{ type: "http_request", config: { url: "https://x.test", method: "POST", data } }]),
    );
    assert.ok("definition" in parse([{ type: "wait_for_event", config: { approval: true, message: "{{env.KEY}}" } }]));
  });
});
