import { z } from "zod";
import { holdsUnseen, type StepErrorCode, stepErrorCodes } from "../model/index.ts";

/** Of a whole definition, inline actions included. */
export const MAX_STEPS = 1000;

const MAX_TIMEOUT_SECONDS = 7 * 86_400;

const stepName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !/[[\]{}`]/.test(name), "must not hold any of [ ] { } `")
  .refine((name) => !holdsUnseen(name), "must not hold control, invisible or bidirectional characters")
  // Not made so: what names it in an expression would not be.
  .refine((name) => name === name.normalize("NFC"), "must be written with composed characters (Unicode NFC)")
  .refine((name) => !["__proto__", "constructor", "prototype"].includes(name), "is reserved")
  .describe("Unique in the definition; `steps.NAME` reads its output. Default `step_<index>`, counted from 0.");

const type = z.string().min(1).describe("The step type.");

const retry = z
  .strictObject({
    max_attempts: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("Attempts in all, the first included. Default: max_retries of the workflow + 1."),
    initial_seconds: z.number().min(0).max(3600).default(1).describe("Wait before the second attempt, in seconds."),
    factor: z.number().min(1).max(10).default(2).describe("Each further wait is this many times longer."),
    max_seconds: z.number().min(0).max(86_400).default(60).describe("Longest wait, in seconds."),
    jitter: z.enum(["full", "none"]).default("full").describe("`full`: a random part of the wait. `none`: the whole."),
    only_on: z
      .array(z.enum(Object.keys(stepErrorCodes) as [StepErrorCode, ...StepErrorCode[]]))
      .min(1)
      .optional()
      .describe("Error codes that are retried. Default: every one that trying again can help."),
  })
  .meta({ id: "retry", description: "How failed attempts are repeated." });

const timeoutSeconds = z
  .number()
  .positive()
  .max(MAX_TIMEOUT_SECONDS)
  .describe("Longest duration of one attempt, in seconds; then it fails with TIMEOUT. Default: no limit of its own.");

const compensationFields = {
  retry: retry.optional(),
  timeout_seconds: timeoutSeconds.optional(),
  when: z
    .enum(["completed", "attempted"])
    .default("completed")
    .describe("`completed`: undo only what is known to be done. `attempted`: also what may have been done."),
};

/** The fields around `type` and `config`, by where they may stand. */
export function actionFields<Compensate extends z.ZodType>(compensate: Compensate) {
  return {
    retry: retry.optional(),
    timeout_seconds: timeoutSeconds.optional(),
    compensate: compensate
      .optional()
      .describe(
        "What undoes this step when the execution fails later. Its placeholders also see `input` and `output`.",
      ),
  };
}

export function stepFields() {
  return {
    name: stepName.optional(),
    depends_on: z
      .array(z.string())
      .max(MAX_STEPS)
      .optional()
      .describe("Names of steps that must settle first. Default: the step before; an empty list: none."),
    if: z.unknown().optional().describe("A condition; when it does not hold, the step is skipped. Default: it runs."),
    for_each: z
      .strictObject({
        items: z
          .unknown()
          .describe("A list, or a placeholder that gives one. Each item is `item`, its position `index`."),
        concurrency: z.int().min(1).max(100).default(10).describe("Items at work at the same time."),
      })
      .optional()
      .describe("Runs the step once for each item."),
    on_error: z
      .enum(["fail", "continue"])
      .default("fail")
      .describe("`fail`: the execution fails with the step. `continue`: it goes on."),
    sensitive: z
      .boolean()
      .default(false)
      .describe(
        "Its output is secret (a token that was fetched): stored encrypted, shown as `***`, not readable by conditions.",
      ),
    pivot: z.boolean().default(false).describe("Once it has completed, nothing before it is undone."),
  };
}

export function compensationOf<Shape extends z.ZodRawShape>(typeAndConfig: Shape) {
  return z.strictObject({ ...typeAndConfig, ...compensationFields });
}

/** `config` is checked apart, by the schema of its type. */
const openTypeAndConfig = { type, config: z.record(z.string(), z.unknown()).optional() };

const compensation = compensationOf(openTypeAndConfig);
const openAction = { ...openTypeAndConfig, ...actionFields(compensation) };

export const actionSchema = z.strictObject(openAction);
export const stepSchema = z.strictObject({ ...openAction, ...stepFields() });
export const branchSchema = z.strictObject({
  condition: z.custom<unknown>((condition) => condition !== undefined, "must be a condition"),
  true_action: z.unknown().optional(),
  false_action: z.unknown().optional(),
});

export type ActionSource = z.output<typeof actionSchema>;
export type StepSource = z.output<typeof stepSchema>;
export type CompensationSource = z.output<typeof compensation>;
export type RetrySource = z.output<typeof retry>;
