import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromNodeId, type NodeKind, parseNodeId, toNodeId } from "./node-id.ts";

const kinds = ["Workflow", "Execution", "Step", "Template", "File", "ApiKey"] as const satisfies readonly NodeKind[];

test("an id says its type, and reads back; the bare integer does where the type is known", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (kind, databaseId) => {
      const id = toNodeId(kind, databaseId);
      assert.deepEqual(parseNodeId(id), { kind, databaseId });
      assert.equal(fromNodeId(kind, id, "id"), databaseId);
      assert.equal(fromNodeId(kind, String(databaseId), "id"), databaseId);
      for (const other of kinds) if (other !== kind) assert.throws(() => fromNodeId(other, id, "id"));
    }),
  );
});

test("what is no id is refused with the field and an example", () => {
  for (const id of [
    "",
    "0",
    "-1",
    "1.5",
    "wf_",
    "wf_01",
    "wf_1 ",
    "WF_1",
    "wf_2147483648",
    "9".repeat(40),
    "__proto__",
  ]) {
    assert.throws(
      () => fromNodeId("Workflow", id, "workflowId"),
      {
        code: "VALIDATION_FAILED",
        field: "workflowId",
        message: "workflowId must be an id of type Workflow, such as wf_12",
      },
      id,
    );
  }
  assert.equal(parseNodeId("nothing_1"), null);
});
