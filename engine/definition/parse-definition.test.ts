import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { assertLinear } from "../../tests/support/linear-time.ts";
import { stubStepTypes } from "../../tests/support/stub-step-types.ts";
import type { JsonValue } from "../model/json.ts";
import { type Definition, type DefinitionContext, parseDefinition } from "./index.ts";
import { MAX_STEPS } from "./language.ts";

const context: DefinitionContext = {
  stepTypes: stubStepTypes,
  defaults: { maxRetries: 2 },
  env: { names: ["DATABASE_API_TOKEN", "NOTIFICATION_WEBHOOK_URL"], get: () => "https://hooks.example.com" },
};

function issuesOf(input: unknown, options: Partial<DefinitionContext> = {}) {
  const result = parseDefinition(input, { ...context, ...options });
  return "issues" in result ? result.issues : [];
}

function parse(input: unknown, options: Partial<DefinitionContext> = {}): Definition {
  const result = parseDefinition(input, { ...context, ...options });
  assert.ok("definition" in result, JSON.stringify("issues" in result && result.issues));
  return result.definition;
}

const log = (extra: object = {}) => ({ type: "log", config: { message: "m" }, ...extra });
const steps = (...list: unknown[]) => ({ steps: list });
const S = "workflow_config.steps";

const pipeline = {
  steps: [
    {
      name: "validate_upload",
      type: "file_process",
      config: {
        action: "validate",
        file_id: "{{trigger.file_id}}",
        allowed_types: ["pdf", "jpg", "png"],
        max_size_mb: 10,
      },
    },
    {
      name: "extract_text",
      type: "file_process",
      config: { action: "ocr_extract", file_id: "{{trigger.file_id}}", language: "en" },
    },
    {
      name: "validate_content",
      type: "conditional",
      config: {
        condition: "{{steps.extract_text.word_count}} > 10",
        true_action: { type: "log", config: { message: "Content validation passed" } },
        false_action: { type: "log", config: { message: "Content validation failed", level: "warning" } },
      },
    },
    {
      name: "save_to_database",
      type: "http_request",
      config: {
        url: "https://api.internal.com/documents",
        method: "POST",
        headers: { Authorization: "Bearer {{env.DATABASE_API_TOKEN}}" },
        data: {
          file_id: "{{trigger.file_id}}",
          extracted_text: "{{steps.extract_text.content}}",
          word_count: "{{steps.extract_text.word_count}}",
          processed_at: "{{execution_id}}",
        },
        expected_status: [200, 201],
      },
    },
    {
      name: "send_notification",
      type: "notification",
      config: {
        type: "webhook",
        webhook_url: "{{env.NOTIFICATION_WEBHOOK_URL}}",
        message: "Document {{trigger.file_id}} processed. Database ID: {{steps.save_to_database.json.id}}",
      },
    },
  ],
};

const documented: readonly (readonly [string, object])[] = [
  ["the Document Processing Pipeline", pipeline],
  [
    "Data Processing Workflow",
    steps(
      { name: "validate_file", type: "file_process", config: { action: "validate", file_id: "{{trigger.file_id}}" } },
      { name: "extract_content", type: "file_process", config: { action: "extract", file_id: "{{trigger.file_id}}" } },
      {
        name: "sync_data",
        type: "http_request",
        config: {
          url: "https://api.example.com/sync",
          method: "POST",
          data: { content: "{{steps.extract_content.content}}" },
        },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: { type: "webhook", webhook_url: "https://hooks.slack.com/...", message: "File processing completed" },
      },
    ),
  ],
  [
    "the templating example",
    steps(
      {
        name: "api_call",
        type: "http_request",
        config: {
          url: "https://api.example.com/data/{{trigger.user_id}}",
          headers: { "X-Execution-ID": "{{execution_id}}" },
        },
      },
      {
        name: "process_response",
        type: "data_transform",
        config: {
          source_data: "{{steps.api_call.json}}",
          transformations: [{ type: "extract", path: "data.items", key: "processed_items" }],
        },
      },
    ),
  ],
];

describe("a documented definition", () => {
  for (const [name, source] of documented) {
    it(`is valid: ${name}`, () => assert.equal(parse(source).source, source));
  }

  it("is valid as a template, with parameters and fields that are still empty", () => {
    const custom = steps(
      {
        name: "fetch_data",
        type: "http_request",
        config: { url: "{{api_endpoint}}", method: "GET", headers: { Authorization: "Bearer {{api_token}}" } },
      },
      { name: "simple", type: "http_request", config: { url: "", method: "GET", headers: {} } },
      { name: "later", type: "log" },
    );
    parse(custom, { isTemplate: true });
    parse({ steps: [] }, { isTemplate: true });
    const paths = issuesOf(custom).map(({ path }) => path);
    assert.deepEqual(paths, [
      `${S}[0].config.url`,
      `${S}[0].config.headers.Authorization`,
      `${S}[1].config.url`,
      `${S}[2].config.message`,
    ]);
  });
});

describe("the normalised form", () => {
  it("fills in names, order and retries", () => {
    const [first, second, third] = parse(
      steps(
        log(),
        log({ name: "b", retry: { max_attempts: 7, jitter: "none" }, timeout_seconds: 5 }),
        log({ depends_on: [] }),
      ),
    ).steps;
    assert.deepEqual([first!.name, first!.dependsOn, first!.dependents], ["step_0", [], [1]]);
    assert.deepEqual(first!.retry, {
      maxAttempts: 3,
      initialSeconds: 1,
      factor: 2,
      maxSeconds: 60,
      jitter: "full",
      onlyOn: null,
    });
    assert.deepEqual([second!.retry.maxAttempts, second!.retry.jitter, second!.timeoutSeconds], [7, "none", 5]);
    assert.deepEqual([third!.name, third!.dependsOn, third!.onError, third!.pivot], ["step_2", [], "fail", false]);
  });

  it("compiles graphs, maps, branches and compensations", async () => {
    const { steps: parsed } = parse(
      steps(
        log({
          name: "a",
          compensate: { type: "log", config: { message: "undo {{output.message}} {{steps.d}}" }, when: "attempted" },
        }),
        log({ name: "b", depends_on: ["a"], on_error: "continue", pivot: true }),
        log({ name: "c", depends_on: ["a"], if: "{{steps.a.message}} == 'm'" }),
        {
          name: "d",
          type: "conditional",
          depends_on: ["b", "c"],
          for_each: { items: "{{trigger.list}}", concurrency: 3 },
          config: {
            condition: { type: "greater_than", left: "{{item}}", right: 1 },
            true_action: {
              type: "conditional",
              config: { condition: true, false_action: null, true_action: log({ timeout_seconds: 1 }) },
            },
          },
        },
      ),
    );
    const [a, , c, d] = parsed;
    const scope = { execution_id: 1, workflow_id: 1, trigger: { list: [1, 2] }, steps: { a: { message: "m" } } };
    assert.deepEqual([a!.dependents, d!.dependsOn, d!.forEach!.concurrency], [[1, 2], [1, 2], 3]);
    assert.equal(a!.compensate!.when, "attempted");
    assert.equal(await c!.if!.evaluate(scope), true);
    assert.deepEqual(await d!.forEach!.items.resolve(scope), [1, 2]);
    assert.equal(await d!.branch!.condition.evaluate({ ...scope, item: 2, index: 1 }), true);
    assert.equal(d!.branch!.whenFalse, null);
    assert.equal(d!.branch!.whenTrue!.branch!.whenTrue!.timeoutSeconds, 1);
  });

  it("keeps other keys beside steps, and ignores them", () => {
    const source = { version: "1.0", variables: { a: "{{nonsense" }, description: null, steps: [log()] };
    assert.equal(parse(source).source, source);
  });
});

/** A conditional in a conditional in a … */
function nested(levels: number): object {
  if (levels === 0) return log();
  return { type: "conditional", config: { condition: true, true_action: nested(levels - 1) } };
}

const bad: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["no object", "x", "workflow_config", /must be an object/],
  ["null", null, "workflow_config", /must be an object/],
  ["no steps", {}, "workflow_config.steps", /is required: a list/],
  ["empty steps", { steps: [] }, "workflow_config.steps", /at least 1 items/],
  ["a step that is none", steps(5), `${S}[0]`, /must be an object/],
  ["no type", steps({ name: "a" }), `${S}[0].type`, /is required: a text/],
  ["an unknown type", steps({ type: "http_requst" }), `${S}[0].type`, /did you mean http_request\?/],
  ["an unknown key", steps(log({ retyr: {} })), `${S}[0].retyr`, /did you mean retry\?/],
  ["an unknown key without a near one", steps(log({ zzzzzz: {} })), `${S}[0].zzzzzz`, /known are type, config/],
  ["a config that is none", steps({ type: "delay", config: [] }), `${S}[0].config`, /must be an object/],
  ["a missing config key", steps({ type: "log" }), `${S}[0].config.message`, /is required: a text/],
  [
    "a wrong config value",
    steps({ type: "delay", config: { seconds: "5" } }),
    `${S}[0].config.seconds`,
    /must be a number/,
  ],
  [
    "text where a placeholder cannot help",
    steps({ type: "delay", config: { seconds: "x{{execution_id}}" } }),
    `${S}[0].config.seconds`,
    /must be a number/,
  ],
  [
    "an unknown config key beside placeholders",
    steps({ type: "log", config: { message: "{{execution_id}}", lvel: "info" } }),
    `${S}[0].config.lvel`,
    /did you mean level\?/,
  ],
  [
    "a wrong url",
    steps({ type: "http_request", config: { url: "nope" } }),
    `${S}[0].config.url`,
    /must be a valid url/,
  ],
  [
    "a header that is no text",
    steps({ type: "http_request", config: { url: "http://x.y", headers: { "X-A": 5 } } }),
    `${S}[0].config.headers["X-A"]`,
    /must be a text/,
  ],
  [
    "a wrong discriminator",
    steps({ type: "file_process", config: { action: "ocr" } }),
    `${S}[0].config.action`,
    /one of validate, extract/,
  ],
  [
    "a wrong member of a list",
    steps({ type: "http_request", config: { url: "http://x.y", expected_status: [200, 99] } }),
    `${S}[0].config.expected_status[1]`,
    /at least 100/,
  ],
  [
    "an unknown parameter",
    steps({ type: "log", config: { message: "{{nope}}" } }),
    `${S}[0].config.message`,
    /unknown name "nope"/,
  ],
  [
    "an env name that is not allowed",
    steps({ type: "log", config: { message: "{{env.HOME}}" } }),
    `${S}[0].config.message`,
    /allow-list/,
  ],
  ["an empty name", steps(log({ name: "" })), `${S}[0].name`, /at least 1 characters/],
  ["a long name", steps(log({ name: "x".repeat(256) })), `${S}[0].name`, /at most 255/],
  ["a bracket in a name", steps(log({ name: "a[0]" })), `${S}[0].name`, /must not hold/],
  ["a name of loose accents", steps(log({ name: "cafe\u0301" })), `${S}[0].name`, /NFC/],
  ["a control character in a name", steps(log({ name: "a\nb" })), `${S}[0].name`, /control, invisible/],
  ["a reserved name", steps(log({ name: "constructor" })), `${S}[0].name`, /reserved/],
  ["a name twice", steps(log({ name: "a" }), log({ name: "a" })), `${S}[1].name`, /must be unique/],
  ["a name that is another's default", steps(log({ name: "step_1" }), log()), `${S}[1].name`, /must be unique/],
  [
    "an unknown dependency",
    steps(log({ name: "first" }), log({ depends_on: ["frist"] })),
    `${S}[1].depends_on[0]`,
    /did you mean first\?/,
  ],
  ["a dependency twice", steps(log({ name: "a" }), log({ depends_on: ["a", "a"] })), `${S}[1].depends_on[1]`, /twice/],
  ["a step that waits for itself", steps(log({ name: "a", depends_on: ["a"] })), `${S}[0].depends_on`, /cycle: a → a/],
  [
    "a cycle",
    steps(
      log({ name: "a", depends_on: ["c"] }),
      log({ name: "b", depends_on: ["a"] }),
      log({ name: "c", depends_on: ["b"] }),
    ),
    `${S}[0].depends_on`,
    /cycle: a → c → b → a/,
  ],
  [
    "a cycle by default order",
    steps(log({ name: "a", depends_on: ["b"] }), log({ name: "b" })),
    `${S}[0].depends_on`,
    /a → b → a \(a step without/,
  ],
  [
    "a read of no step",
    steps(log({ name: "first" }), { type: "log", config: { message: "{{steps.frist.x}}" } }),
    `${S}[1].config.message`,
    /steps\.frist, which is no step.*did you mean first\?/,
  ],
  [
    "a read of a later step",
    steps({ type: "log", config: { message: "{{steps.later.x}}" } }, log({ name: "later" })),
    `${S}[0].config.message`,
    /does not run before/,
  ],
  [
    "a read of itself",
    steps({ name: "me", type: "log", config: { message: "{{steps.me.x}}" } }),
    `${S}[0].config.message`,
    /does not run before/,
  ],
  [
    "a read of a parallel step",
    steps(log({ name: "a" }), log({ name: "b", depends_on: [], if: "{{steps.a.x}} > 1" })),
    `${S}[1].if`,
    /does not run before/,
  ],
  [
    "a hyphen read as a minus",
    steps(log({ name: "my-step" }), { type: "log", config: { message: "{{steps.my-step.n + 1}}" } }),
    `${S}[1].config.message`,
    /unknown name|no step/,
  ],
  [
    "item outside for_each",
    steps({ type: "log", config: { message: "{{item}}" } }),
    `${S}[0].config.message`,
    /inside for_each only/,
  ],
  [
    "item in the list of for_each",
    steps(log({ for_each: { items: "{{item}}" } })),
    `${S}[0].for_each.items`,
    /inside for_each only/,
  ],
  ["for_each without items", steps(log({ for_each: { items: "text" } })), `${S}[0].for_each.items`, /must be a list/],
  [
    "too much concurrency",
    steps(log({ for_each: { items: [], concurrency: 101 } })),
    `${S}[0].for_each.concurrency`,
    /at most 100/,
  ],
  ["no attempts", steps(log({ retry: { max_attempts: 0 } })), `${S}[0].retry.max_attempts`, /at least 1/],
  ["half an attempt", steps(log({ retry: { max_attempts: 1.5 } })), `${S}[0].retry.max_attempts`, /whole number/],
  [
    "an unknown retry key",
    steps(log({ retry: { max_atempts: 1 } })),
    `${S}[0].retry.max_atempts`,
    /did you mean max_attempts\?/,
  ],
  [
    "an unknown error code",
    steps(log({ retry: { only_on: ["TIMEOUT", "OOPS"] } })),
    `${S}[0].retry.only_on[1]`,
    /one of CONFIG_INVALID/,
  ],
  ["no time", steps(log({ timeout_seconds: 0 })), `${S}[0].timeout_seconds`, /more than 0/],
  ["an unknown on_error", steps(log({ on_error: "ignore" })), `${S}[0].on_error`, /one of fail, continue/],
  ["a broken condition", steps(log({ if: "{{steps." })), `${S}[0].if`, /not closed/],
  ["a condition of null", steps(log({ if: null })), `${S}[0].if`, /must be a condition/],
  [
    "a conditional without condition",
    steps({ type: "conditional", config: {} }),
    `${S}[0].config.condition`,
    /is required: a condition/,
  ],
  [
    "an action of unknown type",
    steps({ type: "conditional", config: { condition: true, true_action: { type: "lgo" } } }),
    `${S}[0].config.true_action.type`,
    /did you mean log\?/,
  ],
  [
    "a wrong action config",
    steps({ type: "conditional", config: { condition: true, false_action: { type: "log", config: { message: 5 } } } }),
    `${S}[0].config.false_action.config.message`,
    /must be a text/,
  ],
  [
    "a name on an action",
    steps({ type: "conditional", config: { condition: true, true_action: log({ name: "x" }) } }),
    `${S}[0].config.true_action.name`,
    /not a known key/,
  ],
  [
    "an unknown conditional key",
    steps({ type: "conditional", config: { condition: true, otherwise: log() } }),
    `${S}[0].config.otherwise`,
    /not a known key/,
  ],
  [
    "a wrong compensation",
    steps(log({ compensate: { type: "log", config: {} } })),
    `${S}[0].compensate.config.message`,
    /required/,
  ],
  [
    "a compensation that branches",
    steps(log({ compensate: { type: "conditional" } })),
    `${S}[0].compensate.type`,
    /cannot be conditional/,
  ],
  [
    "output outside compensate",
    steps({ type: "log", config: { message: "{{output.x}}" } }),
    `${S}[0].config.message`,
    /inside compensate only/,
  ],
  [
    "a compensation that reads no step",
    steps(log({ compensate: log({ config: { message: "{{steps.nope.x}}" } }) })),
    `${S}[0].compensate.config.message`,
    /no step of this definition/,
  ],
  ["NUL", steps(log({ config: { message: "a\0b" } })), `${S}[0].config.message`, /NUL/],
  ["a lone surrogate", steps(log({ config: { message: "\ud800" } })), `${S}[0].config.message`, /lone surrogate/],
  ["a lone surrogate in a key", { steps: [log()], "\udfff": 1 }, 'workflow_config["\\udfff"]', /lone surrogate/],
  [
    "__proto__ anywhere",
    { steps: [log()], x: JSON.parse('{"__proto__": 1}') },
    "workflow_config.x.__proto__",
    /must not be used as a key/,
  ],
  ["what is no JSON", steps(log({ config: { message: undefined } })), `${S}[0].config.message`, /JSON value/],
  [
    "too many actions",
    steps(...Array.from({ length: 501 }, () => nested(1))),
    "workflow_config.steps",
    /at most 1000 steps, inline/,
  ],
  [
    "too many steps",
    steps(...Array.from({ length: 1001 }, () => log())),
    "workflow_config.steps",
    /at most 1000 items/,
  ],
  [
    "too many bytes",
    steps(log({ config: { message: "ü".repeat(600_000) } })),
    "workflow_config",
    /at most 1048576 bytes/,
  ],
  [
    "too deep data",
    { steps: [log()], x: JSON.parse("[".repeat(40) + "]".repeat(40)) },
    `workflow_config.x${"[0]".repeat(31)}`,
    /deeper than 32/,
  ],
  [
    "too deep conditionals",
    steps(nested(20)),
    `${S}[0].config${".true_action.config".repeat(14)}.true_action`,
    /deeper than 32/,
  ],
];

describe("a bad definition", () => {
  for (const [name, input, path, message] of bad) {
    it(`is refused with its path: ${name}`, () => {
      const issues = issuesOf(input);
      assert.equal(issues[0]?.path, path, JSON.stringify(issues.slice(0, 3)));
      assert.match(issues[0]!.message, message);
      assert.equal(issues.length, 1, JSON.stringify(issues.slice(0, 3)));
    });
  }

  it("hears of all its problems at once", () => {
    const issues = issuesOf(
      steps(
        { name: "a", type: "log", config: { message: 1, levl: "x" }, retry: { factor: 99 }, nmae: "x" },
        { name: "a", type: "nope", if: "{{oops}}", config: { x: "{{env.HOME}}" } },
        log({ depends_on: ["z"], config: { message: "{{steps.q.r}}" } }),
      ),
    );
    assert.deepEqual(issues.map(({ path }) => path).sort(), [
      `${S}[0].config.levl`,
      `${S}[0].config.message`,
      `${S}[0].nmae`,
      `${S}[0].retry.factor`,
      `${S}[1].config.x`,
      `${S}[1].if`,
      `${S}[1].name`,
      `${S}[1].type`,
      `${S}[2].config.message`,
      `${S}[2].depends_on[0]`,
    ]);
  });

  it("starts its paths as the caller says", () => {
    assert.equal(issuesOf({}, { path: "template_config" })[0]!.path, "template_config.steps");
  });

  it("is read in time in proportion to its size, also when each step reads one that comes later", () => {
    const chain = (length: number) => {
      const config = (index: number) => ({ message: `{{steps.s${index + 1}.x}}` });
      return steps(...Array.from({ length }, (_, index) => log({ name: `s${index}`, config: config(index) })));
    };
    assert.equal(issuesOf(chain(MAX_STEPS)).length, 100);
    assertLinear(MAX_STEPS, chain, issuesOf);
  });
});

describe("properties of definitions", () => {
  it("arbitrary JSON is answered, never thrown at", () => {
    const step = fc.record(
      {
        name: fc.oneof(fc.string(), fc.jsonValue()),
        type: fc.oneof(fc.constantFrom("log", "conditional", "http_request", "notification"), fc.jsonValue()),
        config: fc.oneof(
          fc.jsonValue(),
          fc.record({ condition: fc.jsonValue(), true_action: fc.jsonValue(), message: fc.string() }),
        ),
        depends_on: fc.oneof(fc.array(fc.constantFrom("a", "b", "step_0")), fc.jsonValue()),
        if: fc.jsonValue(),
        for_each: fc.jsonValue(),
        retry: fc.jsonValue(),
        compensate: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const input = fc.oneof(
      fc.jsonValue(),
      fc.record({ steps: fc.array(fc.oneof(step, fc.jsonValue())) }),
      fc.anything(),
    );
    fc.assert(
      fc.property(input, (value) => {
        const result = parseDefinition(value, context);
        assert.ok("definition" in result || result.issues.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  it("a valid definition keeps its source, and its links go both ways", () => {
    const graphs = fc.array(fc.array(fc.nat({ max: 19 }), { maxLength: 4 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(graphs, (graph) => {
        const source = steps(
          ...graph.map((before, index) =>
            log({
              name: `n${index}`,
              depends_on: [...new Set(before.filter((other) => other < index))].map((other) => `n${other}`),
            }),
          ),
        );
        const definition = parse(structuredClone(source) as JsonValue);
        assert.deepEqual(definition.source, source);
        for (const step of definition.steps) {
          for (const other of step.dependsOn) assert.ok(definition.steps[other]!.dependents.includes(step.index));
          for (const other of step.dependents) assert.ok(definition.steps[other]!.dependsOn.includes(step.index));
        }
      }),
    );
  });
});
