import { z } from "zod";
import { comparisonTypes } from "../conditional.ts";
import { jsonValue } from "../json-schema.ts";

const MAX_TRANSFORMATIONS = 1_000;

const key = z.string().min(1).max(255).describe("Name of the result in the output, unique.");
const pathText = z.string().min(1).max(8_192);
const path = pathText.optional().describe("Where in the source to start: a path. Default the whole source.");
const field = z.string().min(1).max(255);
const expression = z.string().min(1).max(8_000);

const extract = z.strictObject({
  type: z.literal("extract"),
  key,
  path: pathText.describe("What to take: `data.items[0].name`, `items[*].id`, or a JSONata expression."),
  default: jsonValue.optional().describe("The result when the path finds nothing. Default null."),
});

const fieldMapping = z.strictObject({
  type: z.literal("field_mapping"),
  key,
  path,
  mapping: z.record(z.string(), pathText).describe("New field name → path in the object; in a list, in each item."),
});

const filter = z.strictObject({
  type: z.literal("filter"),
  key,
  path,
  condition: z
    .union([
      expression,
      z.strictObject({
        field: field.optional().describe("Path in the item. Default the item itself."),
        operator: z.enum(comparisonTypes),
        value: jsonValue.optional().describe("What to compare with. Not for exists and not_exists."),
      }),
    ])
    .describe("JSONata predicate over the item, for example `price > 10`, or `{field, operator, value}`."),
});

const aggregate = z.strictObject({
  type: z.literal("aggregate"),
  key,
  path,
  operation: z.enum(["count", "sum", "avg", "min", "max", "distinct"]).describe("What to compute over the list."),
  field: field.optional().describe("Path in each item. Default the item itself."),
});

const sort = z.strictObject({
  type: z.literal("sort"),
  key,
  path,
  field: field.optional().describe("Path in each item to sort by. Default the item itself."),
  order: z.enum(["asc", "desc"]).default("asc").describe("asc or desc."),
});

const groupBy = z.strictObject({
  type: z.literal("group_by"),
  key,
  path,
  field: field.describe("Path in each item whose value names the group."),
});

const pick = z.strictObject({
  type: z.literal("pick"),
  key,
  path,
  fields: z.array(field).min(1).describe("Fields of the object, or of each item of a list, to keep."),
});

const omit = z.strictObject({
  type: z.literal("omit"),
  key,
  path,
  fields: z.array(field).min(1).describe("Fields of the object, or of each item of a list, to leave out."),
});

const merge = z.strictObject({
  type: z.literal("merge"),
  key,
  paths: z.array(pathText).min(1).describe("Paths to objects, of which later ones win, or to lists, which are joined."),
});

const map = z.strictObject({
  type: z.literal("map"),
  key,
  path,
  expression: expression.describe("JSONata expression over each item."),
});

const evaluate = z.strictObject({
  type: z.literal("expression"),
  key,
  path,
  expression: expression.describe("JSONata expression over the value at path."),
});

const transformation = z.discriminatedUnion("type", [
  extract,
  fieldMapping,
  filter,
  aggregate,
  sort,
  groupBy,
  pick,
  omit,
  merge,
  map,
  evaluate,
]);

export const config = z.strictObject({
  source_data: jsonValue
    .optional()
    .describe("What to transform. Default the previous step's output, or its `json` when it has one."),
  transformations: z
    .array(transformation)
    .max(MAX_TRANSFORMATIONS)
    .default([])
    .superRefine((list, context) => {
      const seen = new Set<string>();
      for (const [index, { key }] of list.entries()) {
        if (seen.has(key)) {
          context.addIssue({ code: "custom", path: [index, "key"], message: `"${key}" is used before` });
        }
        seen.add(key);
      }
    })
    .describe("Each makes one entry of the output. Default none: the output is `{result: <source>}`."),
});

export type Config = z.output<typeof config>;
export type Transformation = z.output<typeof transformation>;
type Of<Type extends Transformation["type"]> = Extract<Transformation, { type: Type }>;
export type FilterCondition = Exclude<Of<"filter">["condition"], string>;
export type Aggregate = Of<"aggregate">;
export type Sort = Of<"sort">;
