import { z } from "zod";
import { DomainError, type JsonValue, text } from "../model/index.ts";

/** What starts of executions and commands to them bring: as both faces tell it, and the checks, which throw VALIDATION_FAILED with the path. */

const MAX_NAME_LENGTH = 255;
/** A reason that a person gives. */
const MAX_TEXT_LENGTH = 2_000;
/** Of trigger data, and of an output or an event that is given from outside: they are copied into the record and into an event. */
const MAX_DATA_BYTES = 1_048_576;

export const CANCELLED = "Cancelled by request";
export const SKIPPED = "Skipped by request";

const name = text(MAX_NAME_LENGTH).min(1);
const words = text(MAX_TEXT_LENGTH);
const json = z.unknown();
const most = `at most ${MAX_DATA_BYTES / 2 ** 20} MiB`;
const repeatable = name.describe(
  "Of the execution's commands: the same key with the same input is carried out once and answered alike; with another IDEMPOTENCY_CONFLICT. Default: each call is another.",
);

export const startInput = z.strictObject({
  trigger_data: json.describe(`\`{{trigger.…}}\` in the steps, ${most}. Default \`{}\`.`),
  idempotency_key: name.describe(
    "The same key with the same trigger data gives the same execution, so a start can be sent again; with other data IDEMPOTENCY_CONFLICT. Default: each call starts one.",
  ),
});

export const forkInput = z.strictObject({
  from_step: name.describe(
    "Name of the step to begin at. It and all that come after it run; what is before it must have settled, or have an output in `output_patches`.",
  ),
  trigger_data_patch: json.describe(
    `JSON Merge Patch (RFC 7396) of the trigger data: objects merge, null removes, anything else replaces. The result has ${most}. Default: no change.`,
  ),
  output_patches: json.describe(
    `Step name → JSON Merge Patch of its output, for steps before \`from_step\`; the step then counts as completed. Each result has ${most}. Default: no change.`,
  ),
  idempotency_key: name.describe(
    "Of the same workflow's starts and forks: the same key with the same input gives the same execution; with another IDEMPOTENCY_CONFLICT. Default: each call starts one.",
  ),
});

export const cancelInput = z.strictObject({
  compensate: json.describe("Whether to undo what was done, where steps say how. Default true."),
  reason: words.describe(`Shown as the execution's error. Default \`${CANCELLED}\`.`),
  idempotency_key: repeatable,
});

export const skipInput = z.strictObject({
  output: json.describe(
    `What later steps and the result see in its place, ${most}. Default null: nothing, as of a step whose \`if\` was false.`,
  ),
  reason: words.describe(`Why; shown in the event. Default \`${SKIPPED}\`.`),
});

export const sendEventInput = z.strictObject({
  name: name.describe("The `event` that a wait_for_event step names."),
  correlation: name.describe("The `correlation` that the step asks for, if it does."),
  data: json.describe(`Becomes the step's output, ${most}. Default null.`),
  idempotency_key: repeatable,
});

export const approvalInput = z.strictObject({
  approved: json.describe("False refuses: the step fails with APPROVAL_REJECTED. Default true."),
  by: words.describe("Who decided; shown in the step's output."),
  comment: words.describe("Shown in the step's output."),
  idempotency_key: repeatable,
});

export const skipCompensationInput = z.strictObject({
  step: json.describe("Name of the step that stays as it is: the one whose compensation failed."),
  reason: name.describe("Why; kept in the record and in the audit log."),
});

export function checkName(path: string, value: string): void {
  if (value !== "" && value.length <= MAX_NAME_LENGTH && !value.includes("\0")) return;
  throw DomainError.invalid([{ path, message: `must have 1 to ${MAX_NAME_LENGTH} characters, none of them NUL` }]);
}

export function checkText(path: string, value: string): void {
  if (value.length <= MAX_TEXT_LENGTH && !value.includes("\0")) return;
  throw DomainError.invalid([{ path, message: `must have at most ${MAX_TEXT_LENGTH} characters, none of them NUL` }]);
}

export function checkSize(path: string, data: JsonValue): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= MAX_DATA_BYTES) return;
  throw DomainError.invalid([{ path, message: `has ${bytes} bytes; the limit is ${MAX_DATA_BYTES}` }]);
}
