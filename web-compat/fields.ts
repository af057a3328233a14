import { z } from "zod";
import { type FieldTexts, fieldText, type JsonObject, toldSchema } from "../engine/index.ts";

/** Postgres integers end here; ids of executions and steps go further. */
const MAX_INT = 2_147_483_647;
const MAX_OFFSET = 1_000_000;

/** Of workflows, templates and files. In a path: digits only, so that `executions` or `1e3` is no id. */
export const idParameter = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, "must be a whole number from 1")
  .transform(Number)
  .refine((id) => id <= MAX_INT, `must not be above ${MAX_INT}`)
  .meta({ type: "integer", minimum: 1, maximum: MAX_INT });

/** Of executions and steps. */
export const longIdParameter = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "must be a whole number from 1")
  .transform(Number)
  .meta({ type: "integer", minimum: 1, maximum: 999_999_999_999_999 });

/** A whole number in a query string. */
export function count(min: number, max: number, fallback: number, meaning = "") {
  const documented = { type: "integer", minimum: min, maximum: max, default: fallback } as const;
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .default(fallback)
    .meta({ ...documented, description: fieldText({ ...documented, description: meaning }) });
}

export const offset = count(0, MAX_OFFSET, 0, "How many to leave out from the newest on.");

/** `true`, `false`, `1` or `0` in a query string. */
export const flag = z
  .enum(["true", "false", "1", "0"])
  .transform((value) => value === "true" || value === "1")
  .meta({ type: "boolean" });

export const timestamp = z.iso.datetime();
/** An object of any JSON. */
export const jsonObject = z.record(z.string(), z.unknown());

export const id = z.int().min(1);

export const isoOf = (at: Date | number): string => new Date(at).toISOString();
export const isoOrNull = (at: Date | number | null): string | null => (at === null ? null : isoOf(at));

/** Fields without a description of their own are told as the engine tells those of their name. */
export function told<S extends Readonly<Record<string, z.ZodType>>>(texts: FieldTexts, shape: S): S {
  const fields = Object.entries(shape).map(([name, field]) => {
    const text = texts[name];
    return [name, text === undefined || field.description !== undefined ? field : field.describe(text)] as const;
  });
  return Object.fromEntries(fields) as S;
}

/** A list as the documented API takes it. */
export function inOneText<T extends z.ZodType>(list: T): T {
  return list.describe(`${list.description} In one text, separated by commas.`);
}

/** An object that the engine checks itself, with every rule at once; here it only has to be one. */
export function checkedByEngine(documented: z.ZodType) {
  const { $defs: _, ...schema } = z.toJSONSchema(documented, { io: "input", unrepresentable: "any" });
  // The one definition that schemas share is "any JSON"; a reference to it would not resolve inside the document.
  const told = JSON.stringify(toldSchema(schema));
  const plain = JSON.parse(told, (_key, value) => (value?.$ref?.startsWith("#/$defs/") ? {} : value));
  return z.record(z.string(), z.unknown()).meta(plain);
}

/** Clients send back a whole object that they have read: what cannot be changed is left out. */
export function withoutReadOnly(body: Readonly<Record<string, unknown>>, readOnly: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !readOnly.includes(name))) as JsonObject;
}
