import { z } from "zod";
import { executionStatuses } from "../model/index.ts";

/** What each kind of channel carries: the part of its name before the colon. One that is not here carries nothing. */
const id = z.int().positive();
const at = z.number();
const event = z.object({
  executionId: id,
  seq: id,
  type: z.string(),
  stepId: id.nullable(),
  data: z.looseObject({}),
  at,
});
const change = z.object({
  kind: z.literal("change"),
  executionId: id,
  workflowId: id,
  seq: id,
  type: z.string(),
  status: z.enum(executionStatuses),
  at,
});

const kinds: Readonly<Record<string, z.ZodType>> = {
  execution: event.nullable(),
  workflow: change,
  tenant: change,
  "workflow-changed": id,
  "execution-runnable": id,
  "work-added": z.null(),
  "schedule-changed": at,
  "key-changed": z.hash("sha256"),
  journal: z.null(),
  /** Of a tenant: the last position. Of all: nothing. */
  "domain-events": z.int().min(0).nullable(),
  "saga-type-changed": z.string(),
  gap: z.null(),
};

/** Whether a message is what its channel carries. A process of another version may say something else. */
export function isMessage(channel: string, message: unknown): boolean {
  return kinds[channel.split(":", 1)[0]!]?.safeParse(message).success ?? false;
}
