import { z } from "zod";
import { isJsonObject, type JsonObject, type JsonValue, type StepType } from "../model/index.ts";
import { jsonObject, jsonValue } from "./json-schema.ts";

const MAX_TIMEOUT_SECONDS = 31_536_000;

const eventName = z.string().min(1).max(255);

const config = z.strictObject({
  event: eventName.describe("Type of the domain event that asks for the work."),
  reply: eventName.describe("Type of the domain event that answers it, with the saga's correlation id."),
  data: jsonObject.optional().describe("Data of the event. Default: what the saga was started with."),
  timeout_seconds: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_SECONDS)
    .optional()
    .describe("Fails with EVENT_TIMEOUT after so many seconds. Default: waits without limit."),
});

export const eventCommand: StepType<z.output<typeof config>, JsonValue> = {
  type: "event_command",
  summary: "Asks for work by a domain event and waits for the event that answers it.",
  docs: `Publishes the domain event \`event\` in the saga's stream, once for each attempt, and waits for \`reply\` with the saga's
correlation id. The question is published after the wait is stored, so no answer comes too early. Output: the data of the reply.
A reply whose data says \`success: false\` fails the step with STEP_FAILED and the text of its \`error\`.

Errors: \`EVENT_TIMEOUT\` when nothing came in time, \`STEP_FAILED\` when the answer was no.

\`\`\`json
{ "name": "reserve", "type": "event_command",
  "config": { "event": "stock.reserve", "reply": "stock.reserved", "timeout_seconds": 60 } }
\`\`\`
`,
  config,
  output: jsonValue,
  effect: "none",
  open: ["event", "reply", "data", "timeout_seconds"],
  run({ event, reply, data, timeout_seconds: timeoutSeconds }, context) {
    return {
      suspend: "event",
      name: reply,
      correlation: context.saga().correlationId,
      approval: false,
      until: timeoutSeconds === undefined ? null : new Date(context.now() + timeoutSeconds * 1_000),
      publish: { type: event, data: data ?? asObject(context.trigger) },
    };
  },
};

function asObject(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}
