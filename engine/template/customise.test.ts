import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DomainError } from "../model/errors.ts";
import { customise, mergeObjects } from "./customise.ts";
import { fillParameters, parametersOf } from "./parameters.ts";

const template = {
  steps: [
    {
      name: "fetch",
      type: "http_request",
      config: { url: "", headers: { a: "1", b: "2" } },
      retry: { max_attempts: 2 },
    },
    { type: "log", config: { message: "{{steps.fetch.status_code}}" } },
  ],
};

function issuesOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof DomainError);
    assert.equal(error.code, "VALIDATION_FAILED");
    return error.issues;
  }
  assert.fail("was accepted");
}

test("a change is merged into the step of its name, at every depth, and the rest stays", () => {
  const custom = {
    steps: [{ name: "fetch", config: { url: "http://x/", headers: { b: "3", c: "4" } }, retry: { factor: 1 } }],
  };
  assert.deepEqual(customise(template, custom).steps, [
    {
      name: "fetch",
      type: "http_request",
      config: { url: "http://x/", headers: { a: "1", b: "3", c: "4" } },
      retry: { max_attempts: 2, factor: 1 },
    },
    template.steps[1],
  ]);
});

test("a step without a name is found by the name that it gets", () => {
  const { steps } = customise(template, { steps: [{ name: "step_1", config: { level: "error" } }] });
  assert.deepEqual((steps as object[])[1], {
    name: "step_1",
    type: "log",
    config: { message: "{{steps.fetch.status_code}}", level: "error" },
  });
});

test("lists and null replace; a config of another type is not merged", () => {
  const base = { steps: [{ name: "a", type: "log", config: { message: "m", list: [1, 2] }, if: true }] };
  assert.deepEqual(customise(base, { steps: [{ name: "a", config: { message: null, list: [3] } }] }).steps, [
    { name: "a", type: "log", config: { message: null, list: [3] }, if: true },
  ]);
  assert.deepEqual(customise(base, { steps: [{ name: "a", type: "delay", config: { seconds: 1 } }] }).steps, [
    { name: "a", type: "delay", config: { seconds: 1 }, if: true },
  ]);
});

test("every change that fits nowhere is named, with its path", () => {
  const custom = {
    steps: [{ name: "fetsh" }, { name: "fetch" }, { name: "fetch" }],
    parameters: { url: 1 },
  };
  assert.deepEqual(
    issuesOf(() => customise(template, custom)),
    [
      { path: "custom_config.parameters.url", message: "is not a parameter of the template; it has none" },
      {
        path: "custom_config.steps[0].name",
        message: '"fetsh" is no step of the template; did you mean fetch?',
      },
      { path: "custom_config.steps[2].name", message: 'is listed twice: "fetch"' },
    ],
  );
});

test("an alias finds the step, which then bears that name", () => {
  const { steps } = customise(template, { steps: [{ name: "get", config: { url: "u" } }] }, { get: "fetch" });
  assert.equal((steps as { name: string }[])[0]?.name, "get");
});

test("the template itself is never changed", () => {
  const before = structuredClone(template);
  customise(template, { steps: [{ name: "fetch", config: { headers: { a: "9" } } }], note: { x: 1 } });
  assert.deepEqual(template, before);
});

test("merging the same change again changes nothing more", () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
  fc.assert(
    fc.property(json, json, (base, change) => {
      const once = mergeObjects(base as never, change as never);
      assert.deepEqual(mergeObjects(once, change as never), once);
    }),
  );
});

test("parameters are the bare names that a definition does not know itself", () => {
  const config = {
    steps: [
      {
        if: "{{limit}} > 1 && {{trigger.x}}",
        config: {
          url: "{{ host }}/{{trigger.path}}",
          a: "{{item}}",
          b: "{{execution_id}}",
          c: "{{null}}",
          d: "{{host}}",
        },
      },
    ],
  };
  assert.deepEqual(parametersOf(config), ["limit", "host"]);
});

test("a value that stands for a whole text keeps its type, and is text inside other text", () => {
  assert.deepEqual(
    fillParameters(
      { a: "{{n}}", b: "n={{n}}", c: ["{{o}}", "{{other}}"], d: "{{u}}/x" },
      {
        n: 5,
        o: { k: [1] },
        u: "{{trigger.url}}",
      },
    ),
    { a: 5, b: "n=5", c: [{ k: [1] }, "{{other}}"], d: "{{trigger.url}}/x" },
  );
});

test("a value enters a condition as a literal, so that it cannot become part of the expression", () => {
  const filled = fillParameters({ if: "{{trigger.x}} == {{v}}", config: { condition: "{{v}}" } }, { v: "1 || true" });
  assert.deepEqual(filled, {
    if: '{{trigger.x}} == {{"1 || true"}}',
    config: { condition: '{{"1 || true"}}' },
  });
  assert.deepEqual(fillParameters({ if: "{{a}} > {{b}}" }, { a: "{{trigger.n}}", b: 3 }), {
    if: "{{trigger.n}} > {{3}}",
  });
  assert.deepEqual(fillParameters({ if: "{{flag}}" }, { flag: false }), { if: false });
});

test("names that every object inherits are no parameters with a value", () => {
  assert.deepEqual(fillParameters({ a: "{{toString}}" }, {}), { a: "{{toString}}" });
});

test("of a template with many steps a few are named to who asked for another one", () => {
  const definition = { steps: Array.from({ length: 1_000 }, (_, i) => ({ name: `step_${i}`, type: "log" })) };
  assert.throws(
    () => customise(definition, { steps: [{ name: "elsewhere" }] }),
    /"elsewhere" is no step of the template; it has step_0, .*step_19 and 980 more$/,
  );
});
