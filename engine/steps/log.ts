import { z } from "zod";
import type { JsonValue, StepType } from "../model/index.ts";
import { jsonValue } from "./json-schema.ts";

export const logLevels = ["debug", "info", "warning", "error"] as const;

const config = z.strictObject({
  message: jsonValue.describe("What to write: text, or any JSON value, which is written as JSON."),
  level: z.enum(logLevels).default("info").describe("debug, info, warning or error."),
});

const output = z.object({
  message: z.string().describe("The text that was written."),
  level: z.enum(logLevels),
});

/** A placeholder may make a message anything; what is not text is written as JSON. */
export function messageText(message: JsonValue): string {
  return typeof message === "string" ? message : JSON.stringify(message);
}

export const log: StepType<z.output<typeof config>, z.output<typeof output>> = {
  type: "log",
  summary: "Writes a message to the execution's log.",
  docs: `Writes \`message\` at \`level\` (\`debug\`, \`info\`, \`warning\`, \`error\`; default \`info\`). A message that is not text is
written as JSON. Output: \`{message, level}\`, with the message as text. Has no errors of its own.

\`\`\`json
{ "name": "note", "type": "log", "config": { "message": "Received {{trigger.file_id}}", "level": "info" } }
\`\`\`
`,
  config,
  output,
  effect: "none",
  computes: true,
  run({ message, level }, context) {
    const text = messageText(message);
    context.log(level, text);
    return { message: text, level };
  },
};
