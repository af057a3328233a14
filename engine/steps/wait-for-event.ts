import { z } from "zod";
import type { JsonValue, StepType } from "../model/index.ts";
import { jsonObject, jsonValue } from "./json-schema.ts";

/** A year. */
const MAX_TIMEOUT_SECONDS = 31_536_000;
const APPROVAL_EVENT = "approval";

/** Kept in a text column, which takes no NUL; the value may come out of a placeholder. */
const name = z
  .string()
  .max(255)
  .refine((text) => !text.includes("\0"), "must not hold a NUL character");

const config = z
  .strictObject({
    event: name
      .min(1)
      .optional()
      .describe("Name of the awaited event. Required, except for an approval (default `approval`)."),
    correlation: z
      .union([name, z.number()])
      .optional()
      .describe("Only an event with the same correlation counts, for example an order number; at most 255 characters."),
    match: jsonObject
      .optional()
      .describe(
        'Only an event whose data has these values counts: dotted path → value, such as `{"order.status": "paid"}`.',
      ),
    timeout_seconds: z
      .number()
      .positive()
      .max(MAX_TIMEOUT_SECONDS)
      .optional()
      .describe("Fails with EVENT_TIMEOUT after so many seconds. Default: waits without limit."),
    approval: z.boolean().default(false).describe("Waits for a person's approval or refusal."),
    message: z.string().max(10_000).optional().describe("For an approval: what is asked; shown with the step's input."),
  })
  .refine(({ event, approval }) => approval || event !== undefined, {
    path: ["event"],
    message: "is required unless approval is true",
  })
  .refine(({ message, approval }) => approval || message === undefined, {
    path: ["message"],
    message: "is only for an approval",
  });

export const waitForEvent: StepType<z.output<typeof config>, JsonValue> = {
  type: "wait_for_event",
  summary: "Waits for an event from outside, or for a person's approval.",
  docs: `Waits until the event \`event\` is sent to this execution, or published as a domain event, with the same \`correlation\` (the
domain event's correlation id) when one is given, and with the values of \`match\` in its data. Output: the event's data.
With \`approval: true\` it waits for a person; output \`{approved: true, by, comment}\`. An event answers it, too, when its data
says \`approved\`, true or false; any other event does not.
The wait costs no memory and outlives a restart. \`timeout_seconds\` (up to 31,536,000) bounds it; default without limit.

Errors: \`EVENT_TIMEOUT\` when nothing came in time, \`APPROVAL_REJECTED\` when the approval was refused.

\`\`\`json
{ "name": "paid", "type": "wait_for_event",
  "config": { "event": "order.paid", "correlation": "{{trigger.order}}", "timeout_seconds": 3600 } }
\`\`\`
\`\`\`json
{ "name": "sign_off", "type": "wait_for_event",
  "config": { "approval": true, "message": "Release {{trigger.amount}}?", "timeout_seconds": 86400 } }
\`\`\`
`,
  config,
  output: jsonValue,
  effect: "none",
  open: ["event", "correlation", "match", "timeout_seconds", "approval"],
  run({ event, correlation, match, timeout_seconds: timeoutSeconds, approval }, context) {
    return {
      suspend: "event",
      name: event ?? APPROVAL_EVENT,
      correlation: correlation === undefined ? null : String(correlation),
      approval,
      until: timeoutSeconds === undefined ? null : new Date(context.now() + timeoutSeconds * 1_000),
      ...(match && { match }),
    };
  },
};
