import fc from "fast-check";
import type { Schema } from "./document.ts";

type Json = fc.JsonValue;

/** Values that break what is careless: numbers at the edges, text that means something elsewhere, names of prototypes. */
export const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2_147_483_648,
    2 ** 60,
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e",
    "__proto__",
    "constructor",
    "toString",
    "'; DROP TABLE workflow; --",
    "../../etc/passwd",
    "{{steps.none.x}}",
    "{{",
    "$" + "{7*7}",
    "%00",
    "<script>alert(1)</script>",
    "x".repeat(10_000),
    "*/0 * * * *",
    "http://[::1]:1/",
    [],
    {},
    [[]],
    { $gt: "" },
    { toString: 1 },
    { length: -1 },
    deep(80),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

function deep(levels: number): Json {
  return levels === 0 ? "x" : [deep(levels - 1)];
}

/** Characters of a text that is made up, unless it must be longer. */
const MAX_TEXT = 40;

/** What a schema allows. Knows the words that our document uses, and no others. */
export function validFor(schema: Schema): fc.Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const as Json);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as Json[]));
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as Schema[]).map(validFor));
  const minimum = (schema.minimum as number | undefined) ?? 0;
  switch (schema.type) {
    case "integer":
      return fc.integer({
        min: minimum,
        max: Math.min((schema.maximum as number | undefined) ?? 1_000, minimum + 1_000),
      });
    case "number":
      return fc.double({ min: minimum, max: (schema.maximum as number | undefined) ?? 1_000, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return textOf(
        (schema.minLength as number | undefined) ?? 0,
        (schema.maxLength as number | undefined) ?? MAX_TEXT,
      );
    case "array":
      return fc.array(validFor((schema.items as Schema | undefined) ?? {}), {
        minLength: (schema.minItems as number | undefined) ?? 0,
        maxLength: 3,
      });
    case "object": {
      const properties = Object.entries((schema.properties as Record<string, Schema> | undefined) ?? {});
      const required = (schema.required as string[] | undefined) ?? [];
      return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, validFor(one)])), {
        requiredKeys: required,
      }) as fc.Arbitrary<Json>;
    }
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function textOf(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.stringMatching(
    new RegExp(`^[a-z0-9 -]{${minLength},${Math.max(minLength, Math.min(maxLength, MAX_TEXT))}}$`),
  );
}

/** A good value with one thing in it, at any depth, replaced or added. */
export function nearly(good: Json): fc.Arbitrary<Json> {
  const places = placesOf(good);
  return fc
    .record({
      place: fc.constantFrom(...places),
      value: hostile,
      adds: fc.boolean(),
      name: fc.constantFrom("extra", "__proto__x", "id"),
    })
    .map(({ place, value, adds, name }) => {
      const copy = structuredClone(good);
      const key = place.at(-1);
      if (key === undefined) return value;
      const holder = place.slice(0, -1).reduce<Json>((at, one) => (at as Record<string, Json>)[one] as Json, copy);
      (holder as Record<string, Json>)[adds && !Array.isArray(holder) ? name : key] = value;
      return copy;
    });
}

function placesOf(value: Json, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  return [[...path], ...Object.entries(value).flatMap(([key, one]) => placesOf(one as Json, [...path, key]))];
}
