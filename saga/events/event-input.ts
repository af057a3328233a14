import { z } from "zod";
import { text } from "../../engine/index.ts";

/** Data and metadata are copied to whoever waits for the event. */
export const MAX_DATA_BYTES = 1_048_576;

const word = text(255).min(1);
const object = z.record(z.string(), z.unknown()).optional();

/** What clients publish, in the names of the documented API. Data and metadata are not walked through, but measured. */
export const eventInput = z.strictObject({
  type: word.describe("What happened, such as `order.paid`."),
  aggregate_type: word.describe("What kind of thing it happened to, such as `order`."),
  aggregate_id: word.describe("What it happened to."),
  data: object.describe(
    `What is to be known of it; with its metadata at most ${MAX_DATA_BYTES / 2 ** 20} MiB. Default \`{}\`.`,
  ),
  metadata: object.describe("Where it comes from. Default `{}`."),
  correlation_id: word
    .nullable()
    .describe("The work that it is part of: a saga or step that waits for its own answer knows it by this."),
  causation_id: word.nullable().describe("Id of what caused it, such as another event."),
  expected_version: z
    .int()
    .min(0)
    .nullable()
    .describe("The version that its stream must be at, 0 for a new one; else VERSION_CONFLICT. Default: any."),
});
