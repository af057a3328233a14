import assert from "node:assert/strict";
import { test } from "node:test";
import { createSchema } from "./create-schema.ts";
import { limitClassOf } from "./limit-class.ts";

const schema = createSchema();

test("mutations are charged to the budget of their REST counterpart", () => {
  const classes = Map.groupBy(Object.values(schema.getMutationType()!.getFields()), ({ name }) =>
    limitClassOf("mutation" as never, name),
  );
  const names = (limitClass: string) => (classes.get(limitClass as never) ?? []).map(({ name }) => name);
  assert.deepEqual(names("workflow_creation").toSorted(), ["createWorkflow", "createWorkflowFromTemplate"]);
  for (const name of names("templates")) assert.match(name, /Template/);
  for (const name of ["executeWorkflow", "cancelExecution", "retryStep", "sendEvent", "approveStep"]) {
    assert.ok(names("execution").includes(name), name);
  }
  for (const name of ["updateWorkflow", "deleteWorkflow", "createApiKey"])
    assert.ok(names("monitoring").includes(name));
});

test("queries read from the budget of monitoring, and from that of templates what is of templates", () => {
  for (const { name, type } of Object.values(schema.getQueryType()!.getFields())) {
    const expected = /Template/.test(String(type)) ? "templates" : "monitoring";
    assert.equal(limitClassOf("query" as never, name), expected, name);
  }
});
