import { z } from "zod";
import { conditionTypes, MAX_CONDITION_LENGTH } from "../expression/index.ts";
import { StoredJson } from "../large-json/index.ts";
import { type JsonObject, MAX_DEFINITION_BYTES, MAX_NESTING, MAX_VALUES, toldSchema } from "../model/index.ts";
import { CONDITIONAL } from "./compile-action.ts";
import { actionFields, compensationOf, MAX_STEPS, stepFields } from "./language.ts";
import type { StepTypeLookup } from "./step-type-lookup.ts";
import { webhooksSchema } from "./webhook-target.ts";

const made = new WeakMap<StepTypeLookup, JsonObject>();

/** Made once: it takes 50 ms, and is asked for by editors and by clients that want to know. */
export function definitionJsonSchema(stepTypes: StepTypeLookup): JsonObject {
  const known = made.get(stepTypes) ?? makeSchema(stepTypes);
  made.set(stepTypes, known);
  return known;
}

const written = new WeakMap<StepTypeLookup, JsonObject>();

/** The same for an answer, with its text made once: to write it takes 3 ms, and one query may ask for it under many names. */
export function writtenDefinitionSchema(stepTypes: StepTypeLookup): JsonObject {
  const known = written.get(stepTypes) ?? (StoredJson.written(definitionJsonSchema(stepTypes)) as JsonObject);
  written.set(stepTypes, known);
  return known;
}

/** The definition's schema as JSON Schema 2020-12: for editors, and for clients that check before they send. */
function makeSchema(stepTypes: StepTypeLookup): JsonObject {
  const types = stepTypes.all();
  const plain = types.filter(({ type }) => type !== CONDITIONAL);
  const shapes = plain.map(({ type, summary, config }) => ({
    type,
    summary,
    config: openConfig(config),
    isOptional: config.safeParse({}).success,
  }));
  const compensation = oneOf(shapes.map((shape) => compensationOf(typeAndConfig(shape)))).meta({ id: "compensation" });
  const action: z.ZodType = z
    .lazy(() =>
      oneOf(allShapes().map((shape) => z.strictObject({ ...typeAndConfig(shape), ...actionFields(compensation) }))),
    )
    .meta({ id: "action" });
  const condition = z
    .union([
      z
        .string()
        .min(1)
        .max(MAX_CONDITION_LENGTH)
        .describe("An expression such as `{{steps.extract.word_count}} > 10`."),
      z.boolean(),
      z.strictObject({
        type: z.enum(conditionTypes),
        left: z.unknown(),
        right: z.unknown().optional(),
      }),
    ])
    .meta({ id: "condition" });

  function allShapes(): Shape[] {
    const conditional = types.find(({ type }) => type === CONDITIONAL);
    if (!conditional) return shapes;
    const config = z.strictObject({
      condition,
      true_action: action.nullish().describe("Runs when the condition holds. Default: nothing."),
      false_action: action.nullish().describe("Runs when it does not. Default: nothing."),
    });
    return [...shapes, { type: conditional.type, summary: conditional.summary, config, isOptional: false }];
  }

  const step = oneOf(
    allShapes().map((shape) =>
      z.strictObject({
        ...typeAndConfig(shape),
        ...actionFields(compensation),
        ...stepFields(),
        if: condition.optional().describe("When it does not hold, the step is skipped. Default: it runs."),
      }),
    ),
  ).meta({ id: "step" });
  const definition = z
    .looseObject({
      steps: z.array(step).min(1).max(MAX_STEPS).describe("Inline actions of conditional count as steps, too."),
      webhooks: webhooksSchema.nullish(),
    })
    .meta({
      title: "Workflow definition",
      description: `At most ${MAX_DEFINITION_BYTES} bytes of JSON, ${MAX_VALUES} values, nested ${MAX_NESTING} levels deep. Other keys beside \`steps\` and \`webhooks\` are kept and ignored.`,
    });
  return toldSchema(
    z.toJSONSchema(definition, { io: "input", unrepresentable: "any", reused: "inline" }),
  ) as JsonObject;
}

interface Shape {
  readonly type: string;
  readonly summary: string;
  readonly config: z.ZodType;
  /** Whether the config may be left out. */
  readonly isOptional: boolean;
}

function typeAndConfig({ type, summary, config, isOptional }: Shape) {
  return { type: z.literal(type).describe(summary), config: isOptional ? config.optional() : config };
}

function oneOf(schemas: readonly z.ZodType[]): z.ZodType {
  return z.union(schemas as [z.ZodType, ...z.ZodType[]]);
}

/** The config of a step type, in which any value may also be a text with placeholders. */
function openConfig(config: z.ZodType): z.ZodType {
  const written = toldSchema(z.toJSONSchema(config, { io: "input", unrepresentable: "any", reused: "inline" }));
  const { $schema: _, ...schema } = openMembers(written) as Record<string, unknown>;
  // Not z.unknown(), which would make the key optional.
  return z.custom().meta(schema);
}

const placeholder = { type: "string", pattern: "\\{\\{[\\s\\S]*\\}\\}", description: "A text with placeholders." };

/** Schemas of members get the alternative; the config itself stays an object. */
function openMembers(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(openMembers);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === "properties") {
        const members = Object.entries(value as object).map(([name, member]) => [name, openValue(member)]);
        return [key, Object.fromEntries(members)];
      }
      if (key === "items" || key === "additionalProperties") return [key, openValue(value)];
      return [key, ["anyOf", "oneOf", "allOf"].includes(key) ? openMembers(value) : value];
    }),
  );
}

function openValue(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null || Object.keys(schema).length === 0) return schema;
  const { description, default: byDefault, ...rest } = openMembers(schema) as Record<string, unknown>;
  const outer = {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
  const isAnyText = rest.type === "string" && Object.keys(rest).length === 1;
  return isAnyText ? { ...rest, ...outer } : { anyOf: [rest, placeholder], ...outer };
}
