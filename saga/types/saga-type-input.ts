import { z } from "zod";
import { text } from "../../engine/index.ts";

const MAX_STEPS = 1_000;
const MAX_TIMEOUT_SECONDS = 31_536_000;
/** A saga crosses services: longer than a workflow's 300 s. */
const DEFAULT_TIMEOUT_SECONDS = 3_600;
const DEFAULT_MAX_RETRIES = 3;

const object = z.record(z.string(), z.json());
const word = text(255).min(1);
const attempts = z.int().min(0).max(99);
const stepTimeout = z.number().positive().max(3_600);

/** How a command is undone; what else it holds is checked as the compensation of a step. */
const compensation = z.looseObject({
  service: word.optional().describe("Default: the service of the step."),
  command: word.optional().describe("What undoes the step, for a participant."),
  event: word.optional().describe("Domain event that asks for the undoing, with `reply`."),
  reply: word.optional().describe("Domain event that answers it."),
  data: object.optional().describe("Default: the saga's input, and over it what was answered so far."),
  when: z
    .enum(["completed", "attempted"])
    .optional()
    .describe("`attempted` also undoes what may have been done, such as after a timeout. Default `completed`."),
  timeout_seconds: stepTimeout.optional().describe("Of one attempt. Default 30."),
  retry_attempts: attempts.optional().describe("Attempts after the first. Default max_retries."),
});

/**
 * A step: a `service` and a `command`, an `event` and a `reply`, or any `type` with its `config`. Whatever a workflow's step
 * takes beside these (`if`, `for_each`, `depends_on`, `retry`, `on_error`, `pivot`) it takes too.
 */
const sagaStepInput = z.looseObject({
  name: word.optional().describe("Unique in the type. Default `step_<index>`."),
  service: word.optional().describe("Participant that carries out `command`; SAGA_SERVICES holds its address."),
  command: word.optional().describe("What the service is to do."),
  compensation_command: word.optional().describe("What undoes it, at the same service. Short for `compensation`."),
  compensation: compensation.optional().describe("How the step is undone."),
  event: word.optional().describe("Domain event that asks for the work, with `reply`."),
  reply: word.optional().describe("Domain event that answers it, with the saga's correlation id."),
  data: object.optional().describe("What the command needs; may hold placeholders."),
  timeout_seconds: z.number().positive().max(604_800).optional().describe("Of one attempt. Default 30."),
  retry_attempts: attempts.optional().describe("Attempts after the first. Default max_retries."),
  type: word.optional().describe("Any step type, with `config` and `compensate`, in place of a command."),
});

export const sagaTypeInput = z.strictObject({
  name: word
    .regex(/^[A-Za-z0-9_.-]+$/, "must have letters, digits, _ . - only")
    .describe("Letters, digits, `_`, `.` or `-`. Registering it again makes a new version."),
  description: text(10_000).nullish().describe("What it is for."),
  input_schema: object
    .nullish()
    .describe("JSON Schema of its input; a start that breaks it is refused with the path. Default: any object."),
  steps: z
    .array(sagaStepInput)
    .min(1)
    .max(MAX_STEPS)
    .describe(
      "Each a `service` and a `command`, an `event` and a `reply`, or any step `type`; in order, unless `depends_on` says otherwise.",
    ),
  timeout_seconds: z
    .int()
    .min(1)
    .max(MAX_TIMEOUT_SECONDS)
    .default(DEFAULT_TIMEOUT_SECONDS)
    .describe("Limit of the whole saga in seconds."),
  max_retries: z
    .int()
    .min(0)
    .max(100)
    .default(DEFAULT_MAX_RETRIES)
    .describe("Retries of a step that says nothing itself."),
  trigger: z
    .strictObject({
      event: word.describe("Type of the domain event that starts a saga; its data is the input."),
      match: object.optional().describe("Dotted path → value that the event's data must have."),
    })
    .nullish()
    .describe("`{event, match}`: starts a saga for each such domain event. Default: none."),
});

export type SagaTypeInput = z.output<typeof sagaTypeInput>;
export type SagaStepInput = z.output<typeof sagaStepInput>;
