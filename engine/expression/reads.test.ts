import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Issue } from "../model/errors.ts";
import { compileTemplate, type Reads } from "./index.ts";

function readsOf(source: string): Omit<Reads, "path"> {
  const issues: Issue[] = [];
  const env = { names: ["A", "B"], get: (name: string) => name };
  const { reads } = compileTemplate(source, { path: "config", env, issues, locals: ["input", "output"] });
  assert.deepEqual(issues, [], source);
  assert.equal(reads.length, 1);
  const { path, ...rest } = reads[0]!;
  assert.equal(path, "config");
  return rest;
}

const table: readonly (readonly [string, Partial<Reads>])[] = [
  ["{{env.A}}", { env: ["A"] }],
  ["{{steps.a.x ?? env.B}}", { env: ["B"], steps: ["a"] }],
  ["{{steps}}", { anyStep: true }],
  ["{{steps[0]}}", { anyStep: true }],
  ["{{$lookup(steps, trigger.name)}}", { anyStep: true, roots: ["steps", "trigger"] }],
  ["{{steps.*.token}}", { anyStep: true }],
  ["{{steps.a.x & steps.*.y}}", { steps: ["a"], anyStep: true }],
  ["{{$string($$)}}", { anyStep: true, roots: ["execution_id", "workflow_id", "trigger", "steps", "input", "output"] }],
  ["{{$string($)}}", { anyStep: true }],
  ["{{**.token}}", { anyStep: true }],
  ["{{trigger.list.[$$]}}", { anyStep: true }],
  ["{{trigger.list[$$.steps.a.x = 1]}}", { steps: ["a"], anyStep: false }],
  ["{{trigger.list.($$.steps.a.x)}}", { steps: ["a"], anyStep: false }],
  ["{{trigger.list.($.steps.a)}}", { steps: [], anyStep: false }],
  ["{{($s := steps; $s.a)}}", { anyStep: true }],
  ["{{steps@$s.a.x}}", { anyStep: true }],
  ["{{$map(trigger.list, function($v) { steps.a.x })}}", { steps: ["a"] }],
  ["{{$map([1], $lookup(steps, ?))}}", { anyStep: true }],
  ["{{trigger ~> | steps | {} |}}", { anyStep: false }],
  ["{{trigger.x ? env.A : steps.`two words`.y}}", { env: ["A"], steps: ["two words"] }],
  ["{{output.token & input.x}}", { roots: ["output", "input"] }],
  ["{{trigger.env.A}}", { env: [] }],
  ["{{[env.A, env.B].($uppercase($))}}", { env: ["A", "B"] }],
];

describe("what an expression reads is known before it runs", () => {
  for (const [source, expected] of table) {
    it(source, () => {
      const reads = readsOf(source);
      for (const [key, value] of Object.entries(expected)) {
        const found = reads[key as keyof typeof reads];
        assert.deepEqual(
          Array.isArray(found) ? [...found].sort() : found,
          Array.isArray(value) ? [...value].sort() : value,
          key,
        );
      }
    });
  }

  it("and it is given nothing else, whatever it tries", async () => {
    const steps = { a: { x: 1 }, hidden: { token: "t0ken" } };
    const bindings = { execution_id: 1, workflow_id: 2, trigger: { steps: 1 }, steps };
    for (const source of [
      "{{steps.a.x.%.%.hidden.token ?? 'none'}}",
      "{{steps.a@$s.hidden.token ?? 'none'}}",
      "{{steps.a.(%.hidden.token) ?? 'none'}}",
    ]) {
      const issues: Issue[] = [];
      const env = { names: [], get: () => undefined };
      const { resolve, reads } = compileTemplate(source, { path: "config", env, issues });
      if (issues.length > 0 || reads.some(({ anyStep }) => anyStep)) continue;
      const value = await Promise.resolve(resolve(bindings)).catch(String);
      assert.doesNotMatch(JSON.stringify(value), /t0ken/, source);
    }
  });
});
