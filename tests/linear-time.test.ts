import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GraphQLError } from "graphql";
import { parseCron } from "../engine/calendar/cron.ts";
import { parseDefinition } from "../engine/definition/index.ts";
import { compileTargets } from "../engine/definition/webhook-target.ts";
import { hasValues } from "../engine/execution/match.ts";
import { type CompileOptions, compileCondition, compileTemplate, nearestName } from "../engine/expression/index.ts";
import { MAX_CONDITION_LENGTH, MAX_EXPRESSION_LENGTH } from "../engine/expression/limits.ts";
import { createSecretMask } from "../engine/expression/secret-mask.ts";
import { safeFileName, withExtension } from "../engine/files/file-name.ts";
import { columnNames } from "../engine/files/processing/table.ts";
import { triggerDataOf } from "../engine/hook/call.ts";
import { bodyFields } from "../engine/http/response-body.ts";
import type { Issue } from "../engine/model/errors.ts";
import type { JsonObject, JsonValue } from "../engine/model/json.ts";
import { MAX_VALUES } from "../engine/model/json-guard.ts";
import { pathSegments } from "../engine/model/json-path.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { checkRequest, type SimulationRequest } from "../engine/simulation/simulation-input.ts";
import { parsePlainPath, readPath } from "../engine/steps/data-transform/path.ts";
import { customise } from "../engine/template/customise.ts";
import { fillParameters, parametersOf } from "../engine/template/parameters.ts";
import { parseNodeId } from "../schema/relay/node-id.ts";
import { createPresenter } from "../server/graphql/present.ts";
import { assertLinear } from "./support/linear-time.ts";
import { stubStepTypes } from "./support/stub-step-types.ts";

const TENANT = tenantNamed("tenant");

const REQUEST = 1024 * 1024;
const HEADERS = 16 * 1024;
const DEFINITION = 512 * 1024;

const options = (issues: Issue[] = []): CompileOptions => ({
  path: "x",
  env: { names: [], get: () => undefined },
  issues,
});
/** Repeated up to a number of characters. */
const filled = (part: string) => (size: number) => part.repeat(Math.ceil(size / part.length)).slice(0, size);

describe("what reads a text from outside takes time in proportion to it, at the largest that may come in", () => {
  for (const part of ["*/1,", "/", "(/a/", "'a' ", "{{trigger.a}} ", "`a` ", "'{{trigger.a}}'", "\\/", "=~/("]) {
    test(`a condition of ${part}`, () => {
      assertLinear(MAX_CONDITION_LENGTH, filled(part), (text) => compileCondition(text, options()));
    });
  }

  for (const part of ["a.", "a ?? ", "'}}' & ", "{ 'a': ", "/a{1000}/ ", "$x(", "`a`.", " "]) {
    test(`an expression of ${part}`, () => {
      const source = (size: number) => `{{${filled(part)(size)}}}`;
      assertLinear(MAX_EXPRESSION_LENGTH, source, (text) => compileTemplate(text, options()));
    });
  }

  for (const part of ["{{", "{{trigger.a}}", "}}", "{{a {{", "{{ ", "{{'}}' "]) {
    test(`a text with placeholders of ${part}`, () => {
      assertLinear(DEFINITION, filled(part), (text) => compileTemplate(text, options()));
    });
    test(`a template's parameters in ${part}`, () => {
      assertLinear(DEFINITION, filled(part), (text) => [parametersOf(text), fillParameters(text, { a: "b" })]);
    });
    test(`a webhook's address of ${part}`, () => {
      const target = (size: number) => [{ url: filled(part)(size) }];
      assertLinear(2_048, target, (webhooks) =>
        compileTargets(webhooks, "webhooks", { ...options(), isTemplate: false }),
      );
    });
  }

  const readers: readonly (readonly [string, number, (size: number) => string, (text: string) => unknown])[] = [
    ["a cron expression of lists", 255, filled("1,"), (text) => parseCron(`${text} * * * *`, "cron")],
    ["a cron expression of steps", 255, filled("*/1,"), (text) => parseCron(`${text} * * * *`, "cron")],
    ["a cron expression of blanks", 255, filled("* "), (text) => parseCron(text, "cron")],
    ["a path of names", REQUEST, filled("a."), parsePlainPath],
    ["a path of brackets", REQUEST, filled("[*]"), parsePlainPath],
    ["a path of back quotes", REQUEST, filled("`"), parsePlainPath],
    ["a path that is read", REQUEST, filled("a."), (text) => readPath({ a: 1 }, parsePlainPath(text) ?? [])],
    ["a dotted path of an event", REQUEST, filled("a."), (text) => hasValues({ a: 1 }, { [text]: 1 })],
    ["a JSON path of brackets", REQUEST, filled('["'), pathSegments],
    ["a JSON path of escapes", REQUEST, filled('["\\"'), pathSegments],
    ["a file name of dots", REQUEST, filled("."), safeFileName],
    ["a file name of blanks", REQUEST, filled(" a"), (name) => withExtension(safeFileName(name), "md")],
    ["a file name of folders", REQUEST, filled("../"), safeFileName],
    ["a Content-Type of blanks", HEADERS, filled("; "), (type) => bodyFields(answer(type), TENANT)],
    ["a Content-Type of charsets", HEADERS, filled(";charset "), (type) => bodyFields(answer(type), TENANT)],
    ["a body of blanks", 10 * 1024 * 1024, filled(" "), (text) => bodyFields(answer("text/plain", text), TENANT)],
    [
      "a hook's Content-Type",
      HEADERS,
      filled("application/a+json"),
      (type) => triggerDataOf(call(type), TENANT, new Date()),
    ],
    ["a node's id", HEADERS, filled("wf_1"), parseNodeId],
    ["a mistyped name", DEFINITION, filled("a"), (name) => nearestName(name, ["trigger"], 0)],
    ["a text that repeats the start of a secret", DEFINITION, filled("aaaaaaab"), createSecretMask(["aaaaaaaaaaaa"])],
    ["a message of suggestions", DEFINITION, filled(" Did you mean "), present],
  ];
  for (const [name, largest, textOf, read] of readers) {
    test(name, () => assertLinear(largest, textOf, read));
  }

  test("the names of a table's columns", () => {
    const header = (size: number) => Array.from({ length: size }, (_, i) => (i % 2 === 0 ? "a" : `a_${i}`));
    assertLinear(100_000, header, columnNames);
  });

  test("values for the parameters of a template", () => {
    const parts = (size: number) => ({
      definition: { steps: [], note: Array.from({ length: size }, (_, i) => `{{p${i}}}`) },
      parameters: Object.fromEntries(Array.from({ length: size }, (_, i) => [`q${i}`, 1])),
    });
    assertLinear(60_000, parts, ({ definition, parameters }) => customise(definition, { parameters }));
  });

  test("changes to the steps of a template", () => {
    const steps = Array.from({ length: 1_000 }, (_, i) => ({ name: `step ${i}`, type: "log" }));
    const changes = (size: number) => Array.from({ length: size }, () => ({ name: "step 999" }));
    assertLinear(100_000, changes, (changed) => customise({ steps }, { steps: changed }));
  });

  test("mocks of a simulation", () => {
    const { definition } = parsed({ steps: [{ type: "log", config: { message: "a" } }] });
    const request = (size: number) =>
      ({
        mocks: Array.from({ length: size }, (_, i) => ({ step: `s${i}` })),
        failAt: null,
        environment: {},
      }) as unknown;
    assertLinear(100_000, request, (given) => checkRequest(given as SimulationRequest, definition));
  });

  test("steps that each depend on sixty others", () => {
    const steps = (size: number) => ({
      steps: Array.from({ length: size }, (_, i) => ({
        name: `s${i}`,
        type: "log",
        config: { message: "a" },
        depends_on: Array.from({ length: Math.min(i, 60) }, (_, k) => `s${i - 1 - k}`),
      })),
    });
    assertLinear(999, steps, parsed);
  });

  test("keys that a step does not have", () => {
    const keys = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, 1]));
    assertLinear(MAX_VALUES - 10, keys, (unknown) => compile({ steps: [{ type: "log", ...unknown }] }));
  });

  test("a definition of more values than are walked is refused as soon as they are counted", () => {
    const config = Object.fromEntries(Array.from({ length: MAX_VALUES }, (_, i) => [`k${i}`, 1]));
    assert.deepEqual(compile({ steps: [{ type: "log", config }] }), {
      issues: [{ path: "workflow_config", message: "must have at most 50000 values in all" }],
    });
  });

  test("a regular expression that would be written out to millions of nodes is refused before it is", () => {
    const issues: Issue[] = [];
    compileTemplate(`{{$contains("a", /${"a{1000}".repeat(1_000)}/)}}`, options(issues));
    assert.match(issues[0]!.message, /regular expressions are too long, or repeat too much/);
  });

  test("a condition and an expression that are too long are refused by their path before they are read", () => {
    const condition: Issue[] = [];
    compileCondition("*/1,".repeat(50_000), options(condition));
    assert.deepEqual(condition, [{ path: "x", message: "must have at most 32768 characters" }]);
    const expression: Issue[] = [];
    compileTemplate({ deep: [`{{${"a.".repeat(50_000)}}}`] }, options(expression));
    assert.equal(expression[0]?.path, "x.deep[0]");
    assert.match(expression[0]?.message ?? "", /has more than 8192 characters$/);
  });
});

function compile(source: JsonObject) {
  const env = { names: [], get: () => undefined };
  return parseDefinition(source, { stepTypes: stubStepTypes, defaults: { maxRetries: 0 }, env });
}

function parsed(source: JsonObject) {
  const result = compile(source);
  if ("issues" in result) assert.fail(JSON.stringify(result.issues));
  return result;
}

function answer(contentType: string, body: JsonValue = "{}") {
  return { headers: { "content-type": contentType }, body: Buffer.from(String(body)) };
}

function call(contentType: string) {
  return { headers: { "content-type": contentType }, rawBody: Buffer.from("{}"), query: {}, correlationId: null };
}

function present(message: string): unknown {
  return createPresenter({ error: () => {} } as never, false)(new GraphQLError(`${message} x?!`), "id");
}
