import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { fieldMeanings, fieldTexts } from "./field-texts.ts";
import { text } from "./input.ts";

const input = z.strictObject({
  timeout_seconds: z.int().min(1).max(31_536_000).default(300).describe("Limit in seconds."),
  name: text(255).min(1).describe("Unique."),
  about: text(10_000).nullish().describe("Free text."),
  category: text(100).optional().describe("Only this one. Default: any."),
  tags: text(1_040).optional().describe("At most 20 tags."),
  zone: z.string().default("UTC").describe("Time zone."),
  data: z.record(z.string(), z.json()).default({}).describe("Given."),
  steps: z.array(z.string()).min(1).max(1_000).describe("In order."),
  thing_id: z.int().min(1).describe("The thing."),
  limit: z.int().min(1).max(100).default(20),
  bare: z.boolean().optional(),
});

test("a field of input is told with the bounds and the default that its schema has", () => {
  assert.deepEqual(fieldTexts(input), {
    timeout_seconds: "Limit in seconds. 1 to 31,536,000. Default 300.",
    name: "Unique. 1 to 255 characters.",
    about: "Free text. At most 10,000 characters.",
    category: "Only this one. At most 100 characters. Default: any.",
    tags: "At most 20 tags.",
    zone: "Time zone. Default `UTC`.",
    data: "Given. Default `{}`.",
    steps: "In order. 1 to 1,000 items.",
    thing_id: "The thing.",
    limit: "1 to 100. Default 20.",
  });
});

test("what is shown is told without them", () => {
  const { timeout_seconds, category, limit } = fieldMeanings(input);
  assert.deepEqual([timeout_seconds, category, limit], ["Limit in seconds.", "Only this one.", undefined]);
});
