import { z } from "zod";

/** What fields are told as, by their names in the documented API. Both faces show it: GraphQL with names in its own form. */
export type FieldTexts = Readonly<Record<string, string>>;

type TextsOf<S> = Readonly<Record<keyof S & string, string>>;

type Described = z.core.JSONSchema.BaseSchema;

/** Of input: what each field means, and the bounds and default that the schema itself checks and fills in. */
export function fieldTexts<S extends z.ZodRawShape>(schema: z.ZodObject<S>): TextsOf<S> {
  return textsOf(schema, fieldText);
}

/** Of what is shown: what each field means. */
export function fieldMeanings<S extends z.ZodRawShape>(schema: z.ZodObject<S>): TextsOf<S> {
  return textsOf(schema, (field) => split(field)[0]);
}

/**
 * `Limit of a whole execution in seconds. 1 to 100. Default 30.` A meaning may end with the default itself, where that is more than
 * what the schema fills in; and one that has "at most" in it tells bounds of its own.
 */
export function fieldText(field: Described): string {
  const [meaning, said] = split(field);
  const filledIn = field.default === undefined ? "" : `Default ${written(field.default)}.`;
  const parts = [meaning, /at most/i.test(meaning) ? "" : bounds(field), said || filledIn];
  return parts.filter((part) => part !== "").join(" ");
}

/** The same for each description in a JSON Schema. */
export function toldSchema<T extends object>(schema: T): T {
  const tell = (_: string, value: Described | null) =>
    typeof value?.description === "string" ? { ...value, description: fieldText(value) } : value;
  return JSON.parse(JSON.stringify(schema), tell) as T;
}

/** Its meaning, and the default where the meaning ends with it. */
function split({ description = "" }: Described): readonly [meaning: string, byDefault: string] {
  const at = description.search(/(?<=^|[.] )Default\b/);
  return at < 0 ? [description, ""] : [description.slice(0, at).trim(), description.slice(at)];
}

function textsOf<S extends z.ZodRawShape>(schema: z.ZodObject<S>, tell: (field: Described) => string): TextsOf<S> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const texts = Object.entries(properties).map(([name, field]) => [name, tell(field as Described)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== "")) as TextsOf<S>;
}

/** One that says only where it begins says nothing: an id, a count. */
function bounds(field: Described): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum } = { ...field, ...nonNull(field) };
  const [least, most, unit] =
    maxLength !== undefined
      ? [minLength, maxLength, " characters"]
      : maxItems !== undefined
        ? [minItems, maxItems, " items"]
        : [minimum, maximum, ""];
  if (most === undefined || most === Number.MAX_SAFE_INTEGER) return "";
  return `${least === undefined ? "At most " : `${grouped(least)} to `}${grouped(most)}${unit}.`;
}

/** What it is when it is not null. */
function nonNull({ anyOf: [one, other, ...more] = [] }: Described): Described {
  return other?.type === "null" && more.length === 0 ? (one as Described) : {};
}

const grouped = (value: number): string => value.toLocaleString("en");

function written(value: unknown): string {
  if (typeof value === "number") return grouped(value);
  return typeof value === "boolean"
    ? String(value)
    : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
