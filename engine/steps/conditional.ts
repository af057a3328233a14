import { z } from "zod";
import type { StepType } from "../model/index.ts";
import { jsonObject, jsonValue } from "./json-schema.ts";

export const comparisonTypes = [
  "equals",
  "not_equals",
  "contains",
  "not_contains",
  "greater_than",
  "less_than",
  "exists",
  "not_exists",
] as const;

const action = z
  .strictObject({
    type: z.string().min(1).describe("Step type of the action."),
    config: jsonObject.default({}).describe("Config of that step type."),
  })
  .nullable()
  .optional();

const config = z.strictObject({
  condition: z
    .union([
      z.string().min(1),
      z.boolean(),
      z.strictObject({ type: z.enum(comparisonTypes), left: jsonValue.optional(), right: jsonValue.optional() }),
    ])
    .describe("An expression, or `{type, left, right}` with one of the eight comparisons."),
  true_action: action.describe("`{type, config}` that runs when the condition holds. Default: nothing."),
  false_action: action.describe("`{type, config}` that runs when it does not. Default: nothing."),
});

const output = z.object({
  condition_met: z.boolean(),
  branch: z.enum(["true_action", "false_action"]).nullable().describe("The action that ran; null when there was none."),
  output: jsonValue.nullable().describe("That action's output; null when there was none."),
});

export const conditional: StepType<z.output<typeof config>, z.output<typeof output>> = {
  type: "conditional",
  summary: "Runs one of two actions, depending on a condition.",
  docs: `Evaluates \`condition\`, then runs \`true_action\` or \`false_action\`; the one that runs is a step of its own in the record.
The condition is an expression such as \`{{steps.extract.word_count}} > 10\` (placeholders in it are variables, their text is
never evaluated), or the older form \`{"type", "left", "right"}\` with \`type\` one of ${comparisonTypes.map((name) => `\`${name}\``).join(", ")}.

Output: \`{condition_met, branch, output}\`. Errors: \`EXPRESSION_FAILED\`, \`VARIABLE_MISSING\`, and those of the action.

\`\`\`json
{ "name": "check", "type": "conditional",
  "config": { "condition": "{{steps.extract.word_count}} > 10",
    "true_action": { "type": "log", "config": { "message": "enough text" } },
    "false_action": { "type": "log", "config": { "message": "hardly any text", "level": "warning" } } } }
\`\`\`
`,
  config,
  output,
  effect: "none",
  run() {
    throw new Error("a conditional is evaluated by the runner and has no run() of its own");
  },
};
