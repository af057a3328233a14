import assert from "node:assert/strict";
import { test } from "node:test";
import { inputPath, toInputName } from "./input-path.ts";

test("a path of the engine becomes one of the input, and the client's own JSON keeps its names", () => {
  for (const [path, name, list] of [
    ["workflow_config", "definition", ["definition"]],
    [
      "workflow_config.steps[2].config.webhook_url",
      "definition.steps[2].config.webhook_url",
      ["definition", "steps", "2", "config", "webhook_url"],
    ],
    [
      'workflow_config.steps[0].config.headers["X-Id \\"a\\".b"]',
      'definition.steps[0].config.headers["X-Id \\"a\\".b"]',
      ["definition", "steps", "0", "config", "headers", 'X-Id "a".b'],
    ],
    ["idempotency_key", "idempotencyKey", ["idempotencyKey"]],
    ["policies.missed_max", "policies.missedMax", ["policies", "missedMax"]],
    ["workflowId", "workflowId", ["workflowId"]],
  ] as const) {
    assert.equal(toInputName(path), name);
    assert.deepEqual(inputPath(path), list);
  }
});
