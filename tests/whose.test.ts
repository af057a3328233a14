import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../engine/index.ts";

test("what a client sends is no tenant and no row: the compiler refuses it where only what was read may stand", () => {
  const refused = ({ executions, executionQueries, statistics, workflows }: Engine) => [
    // @ts-expect-error: text is no TenantId.
    () => executions.get("default", 1),
    // @ts-expect-error: nobody's figures are everybody's.
    () => statistics.summary(null),
    // @ts-expect-error: a number is no ExecutionId.
    () => executionQueries.allSteps([1]),
    // @ts-expect-error: a number is no StepId.
    () => executionQueries.stepJsonOf([1], "output"),
    // @ts-expect-error: a number is no WorkflowId.
    () => workflows.versions([{ workflowId: 1, version: 1 }]),
  ];
  assert.equal(typeof refused, "function");
});
