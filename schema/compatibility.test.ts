import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { compatibilityProblems } from "./compatibility.ts";

const released = buildSchema("type Query { workflow(id: ID!): String, step: Int }");
const problems = (text: string, ...declared: string[]) =>
  compatibilityProblems(
    released,
    buildSchema(text),
    declared.map((change) => ({ change, instead: "…" })),
  );

test("what is added breaks nobody", () => {
  assert.deepEqual(problems("type Query { workflow(id: ID!, version: Int): String!, step: Int, saga: Int }"), []);
});

test("what is removed, or asked for anew, is named unless it is declared", () => {
  const removed = "Query.step was removed.";
  const required = "A required arg version on Query.workflow was added.";
  const text = "type Query { workflow(id: ID!, version: Int!): String }";
  assert.deepEqual(problems(text), [`breaks clients: ${removed}`, `breaks clients: ${required}`]);
  assert.deepEqual(problems(text, removed), [`breaks clients: ${required}`]);
  assert.deepEqual(problems(text, removed, required), []);
});

test("a declaration of what is not so is named too", () => {
  const text = "type Query { workflow(id: ID!): String, step: Int }";
  assert.deepEqual(problems(text, "Query.step was removed."), ["does not have the declared: Query.step was removed."]);
});
