import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildSchema, type ExecutionResult, execute, GraphQLError, type GraphQLObjectType, parse } from "graphql";
import { compile } from "./compiled-query.ts";

const schema = buildSchema(`
  enum Size { LARGE SMALL }
  interface Named { name: String }
  type Thing implements Named { name: String, size: Size, broken: String, must: String!, parent: Thing, parts(first: Int! = 2): [Thing!]! }
  input Wish { size: Size! = SMALL, count: Int! = 2, name: String, inner: Wish }
  type Query { wished(wish: Wish!): String, thing: Thing, named: Named, things: [Thing] }
`);

class Thing {
  readonly __typename = "Thing";
  constructor(readonly name: string) {}
  readonly size = "LARGE";
  get broken(): string {
    throw new Error("a fault");
  }
  readonly must: string | null = null;
  get parent(): Thing {
    return new Thing(`${this.name}'s parent`);
  }
}
const resolve = (type: string, field: string, resolver: unknown) =>
  Object.assign((schema.getType(type) as GraphQLObjectType).getFields()[field]!, { resolve: resolver });
resolve("Query", "wished", (_root: unknown, { wish }: { wish: object }) =>
  JSON.stringify(wish, Object.keys(wish).sort()),
);
resolve("Query", "thing", async () => new Thing("a"));
resolve("Query", "named", async () => new Thing("n"));
resolve("Query", "things", () => [new Thing("b"), null, new Thing("c")]);
resolve("Thing", "parts", async ({ name }: Thing, { first }: { first: number }) => {
  if (first < 0) throw new GraphQLError("no such page", { extensions: { code: "VALIDATION_FAILED" } });
  return Array.from({ length: first }, (_, i) => new Thing(`${name}.${i}`));
});

const seen = ({ data, errors }: ExecutionResult) => ({
  data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
  errors: (errors ?? []).map(({ message, path, originalError, extensions }) => ({
    message,
    path,
    isFault: originalError !== undefined && !(originalError instanceof GraphQLError),
    code: extensions.code,
  })),
});

describe("a compiled query answers as graphql-js does", () => {
  const onlyErrors = new Set(["{ thing { name must } }", "{ things { name broken } }"]);
  for (const [query, variables] of [
    ["{ thing { __typename name size parent { name parent { name } } parts { name parts(first: 1) { name } } } }", {}],
    ["query ($n: Int!, $s: Boolean!) { thing { parts(first: $n) { name @skip(if: $s) size } } }", { n: 3, s: true }],
    ["query ($n: Int!, $s: Boolean!) { thing { parts(first: $n) { name @skip(if: $s) size } } }", { n: 1, s: false }],
    ["query ($n: Int!) { thing { parts(first: $n) { name } } }", { n: "many" }],
    ["query ($n: Int!) { thing { parts(first: $n) { name } } }", {}],
    ["{ thing { parts(first: -1) { name } } }", {}],
    ["{ named { name ... on Thing { size } ...t } } fragment t on Thing { other: name parent { name } }", {}],
    ["{ things { name } }", {}],
    ['{ wished(wish: { name: "w", inner: { count: 1 } }) }', {}],
    ["query ($n: Int) { thing { parts(first: $n) { name } } }", {}],
    ["query ($n: Int = 1) { thing { parts(first: $n) { name } } }", {}],
    ["query ($n: Int) { thing { parts(first: $n) { name } } }", { n: null }],
    ["{ thing { name must } }", {}],
    ["{ thing { name parent { must } } }", {}],
    ["{ thing { broken } }", {}],
    ["{ named { name } things { broken } }", {}],
  ] as const) {
    test(`${query} with ${JSON.stringify(variables)}`, async () => {
      const document = parse(query);
      const run = compile(schema, document, undefined);
      assert.ok(run);
      const compiled = seen(await run({}, variables));
      const interpreted = seen(await execute({ schema, document, variableValues: variables }));
      if (onlyErrors.has(query)) assert.ok(compiled.errors.length > 0);
      if (!query.includes("broken")) assert.deepEqual(compiled.data, interpreted.data);
      // What a getter throws ends the field whose resolver gave the object, instead of the getter's own.
      const facts = ({ errors }: typeof compiled) =>
        errors.map(({ isFault, code, path }) => ({ isFault, code, at: path?.[0] }));
      assert.deepEqual(facts(compiled), facts(interpreted));
    });
  }
});
