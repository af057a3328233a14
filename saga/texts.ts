import { executionTexts, type FieldTexts, fieldMeanings } from "../engine/index.ts";
import { eventInput } from "./events/event-input.ts";

/** What is shown of sagas, as both faces tell it. */
export const sagaTexts = {
  type: "Name of its type.",
  status: "Where it stands.",
  compensation_status: "How its undoing stands; when that has failed, a person must look.",
  steps: "Every step of its definition.",
  current_step: "How many steps have settled: the position of the next one.",
  correlation_id: "Follows it through participants and events.",
  completed_at: executionTexts.completed_at,
} satisfies FieldTexts;

export const sagaStepTexts = {
  name: "Unique in the saga: what participants are told as `step_id`.",
  service: "The service that carries it out.",
  command: "The command, or the event that asks for the work.",
  compensation_command: "What undoes it.",
  timeout_seconds: "Limit of one attempt in seconds; null: none of its own.",
  retry_attempts: "Attempts after the first.",
  status: "Where it stands.",
  started_at: "When its first attempt began.",
  completed_at: "When it was settled; its undoing comes after.",
  result: "What it came to; null until it has completed.",
} satisfies FieldTexts;

export const sagaFilterTexts = {
  status: "Where they stand.",
  compensation_status: "How their undoing stands; where it has failed, an operator must see to it.",
  correlation_id: "Their correlation id.",
} satisfies FieldTexts;

/** Of what is asked of one. */
export const sagaCommandTexts = {
  compensate: "Whether to undo what was done.",
  reason: "Shown as the saga's error.",
} satisfies FieldTexts;

export const domainEventTexts = {
  ...fieldMeanings(eventInput),
  position: "Counts from 1 in the tenant's store, without a gap: the cursor of who reads it.",
  version: "Counts from 1 in its stream, without a gap.",
} satisfies FieldTexts;
