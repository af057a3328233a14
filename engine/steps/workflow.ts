import { z } from "zod";
import type { JsonValue, StepType } from "../model/index.ts";
import { jsonObject, jsonValue } from "./json-schema.ts";

const config = z
  .strictObject({
    workflow_id: z.int().positive().optional().describe("Id of the workflow to run. Either this or workflow_name."),
    workflow_name: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe("Name of the workflow to run. Either this or workflow_id."),
    trigger_data: jsonObject.default({}).describe("What the child sees as `trigger`."),
  })
  .refine(({ workflow_id, workflow_name }) => (workflow_id === undefined) !== (workflow_name === undefined), {
    path: ["workflow_id"],
    message: "or workflow_name is required, and not both",
  });

export const workflow: StepType<z.output<typeof config>, JsonValue> = {
  type: "workflow",
  summary: "Runs another workflow and waits for its result.",
  docs: `Starts an execution of \`workflow_id\` or \`workflow_name\` with \`trigger_data\` (default \`{}\`) and waits for it, at no cost in memory.
Output: the child's result, a map of its step names to their outputs. Cancelling this execution cancels the child.

When this step is retried after its child failed, the same child goes on from where it failed; one that was undone or cancelled is
started anew. A child that is repaired by hand completes this step.

Errors: \`CHILD_FAILED\` when the child does not complete.

\`\`\`json
{ "name": "invoice", "type": "workflow",
  "config": { "workflow_name": "Send invoice", "trigger_data": { "order": "{{trigger.order}}" } } }
\`\`\`
`,
  config,
  output: jsonValue,
  effect: "external",
  open: ["workflow_id", "workflow_name"],
  example: () => ({ execution_id: 0, status: "completed", result: {} }),
  run({ workflow_id, workflow_name, trigger_data }) {
    return {
      suspend: "execution",
      workflowId: workflow_id ?? null,
      workflowName: workflow_name ?? null,
      triggerData: trigger_data,
    };
  },
};
