import { z } from "zod";
import type { StepTypeLookup } from "../../engine/definition/step-type-lookup.ts";

/** Small stand-ins for the tests of this room. */
const stubs = {
  http_request: z.strictObject({
    url: z.url(),
    method: z.enum(["GET", "POST", "PUT"]).default("GET"),
    headers: z.record(z.string(), z.string()).optional(),
    data: z.unknown().optional(),
    expected_status: z.array(z.int().min(100).max(599)).optional(),
    timeout_seconds: z.number().min(1).max(300).optional().describe("In seconds."),
  }),
  file_process: z.discriminatedUnion("action", [
    z.strictObject({
      action: z.literal("validate"),
      file_id: z.union([z.string(), z.int()]).optional(),
      allowed_types: z.array(z.string()).optional(),
      max_size_mb: z.number().positive().optional(),
    }),
    z.strictObject({ action: z.literal("extract"), file_id: z.union([z.string(), z.int()]).optional() }),
    z.strictObject({
      action: z.literal("ocr_extract"),
      file_id: z.union([z.string(), z.int()]).optional(),
      language: z.string().optional(),
    }),
  ]),
  delay: z.strictObject({ seconds: z.number().min(0).max(86_400).default(1) }),
  log: z.strictObject({ message: z.string(), level: z.enum(["info", "warning", "error"]).default("info") }),
  conditional: z.looseObject({}),
  data_transform: z.strictObject({
    source_data: z.unknown().optional(),
    transformations: z.array(z.strictObject({ type: z.string(), path: z.string(), key: z.string() })),
  }),
  notification: z
    .strictObject({ type: z.enum(["webhook", "log"]), webhook_url: z.url().optional(), message: z.string() })
    .refine((config) => config.type !== "webhook" || config.webhook_url, {
      path: ["webhook_url"],
      error: "is required",
    }),
};

const types = Object.entries(stubs).map(([type, config]) => ({ type, summary: `The ${type} step.`, config }));

export const stubStepTypes: StepTypeLookup = {
  get: (type) => types.find((known) => known.type === type),
  all: () => types,
};
