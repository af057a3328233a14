import type { FieldTexts } from "../model/index.ts";

/** What is shown of executions, as both faces tell it. */
export const executionTexts = {
  result: "Output of each completed step by its name; null until the execution is over.",
  completed_at: "When it was over, its undoing included.",
} satisfies FieldTexts;
