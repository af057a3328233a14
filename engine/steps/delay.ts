import { z } from "zod";
import type { StepType } from "../model/index.ts";

const DEFAULT_SECONDS = 1;
/** A year. */
const MAX_SECONDS = 31_536_000;

const config = z
  .strictObject({
    seconds: z
      .preprocess(
        // Older clients send the number as text.
        (value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value),
        z.number().min(0).max(MAX_SECONDS),
      )
      .optional()
      .describe("How long to wait, in seconds, fractions allowed. Default 1."),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        "In place of seconds: the moment to wait for, ISO 8601 with Z or an offset. In the past: does not wait.",
      ),
  })
  .refine(({ seconds, until }) => seconds === undefined || until === undefined, {
    path: ["until"],
    message: "must not be combined with seconds",
  })
  .refine(({ until }) => until === undefined || !(Date.parse(until) > Date.now() + MAX_SECONDS * 1_000), {
    path: ["until"],
    message: "must be within a year from now",
  });

const output = z.object({ delayed: z.number().describe("Seconds waited.") });

export const delay: StepType<z.output<typeof config>, z.output<typeof output>> = {
  type: "delay",
  summary: "Waits for a time, or until a moment.",
  docs: `Waits \`seconds\` (default 1, 0 to 31,536,000, fractions allowed), or \`until\` an ISO 8601 moment at most a year away.
Only one of the two. The wait is a row in the database: it costs no memory and outlives a restart.
Output: \`{delayed}\`, in seconds. Has no errors of its own.

\`\`\`json
{ "name": "cool_down", "type": "delay", "config": { "seconds": 90 } }
\`\`\`
`,
  config,
  output,
  effect: "none",
  open: ["seconds", "until"],
  run({ seconds = DEFAULT_SECONDS, until }, context) {
    const nowMs = context.now();
    const waitMs = until === undefined ? seconds * 1_000 : Math.max(Date.parse(until) - nowMs, 0);
    const delayed = { delayed: waitMs / 1_000 };
    return waitMs === 0 ? delayed : { suspend: "timer", until: new Date(nowMs + waitMs), output: delayed };
  },
};
