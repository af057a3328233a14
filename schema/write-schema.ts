import { readFile } from "node:fs/promises";
import { buildSchema, type GraphQLSchema } from "graphql";
import { complain, emit, isCheck } from "../documents/emit.ts";
import { compatibilityProblems, type DeclaredChange } from "./compatibility.ts";
import { createSagaSchema, createSchema, schemaText } from "./create-schema.ts";

/** Emits both schemas. With --check it also tells whether they break clients of the released ones; with --release they become these. */
const schemas: readonly [name: string, schema: GraphQLSchema][] = [
  ["schema.graphql", createSchema()],
  ["schema-saga.graphql", createSagaSchema()],
];
const CURRENT = "api";
const released = `${CURRENT}/released`;
const declarations = `${released}/breaking-changes.json`;
const isRelease = process.argv.includes("--release");

if (isRelease) await emit(declarations, "{}\n");
for (const [name, schema] of schemas) {
  await emit(`${CURRENT}/${name}`, schemaText(schema));
  if (isRelease) await emit(`${released}/${name}`, schemaText(schema));
  if (isCheck) await checkCompatibility(name, schema);
}

async function checkCompatibility(name: string, schema: GraphQLSchema): Promise<void> {
  const declared = JSON.parse(await readFile(declarations, "utf8")) as Record<string, DeclaredChange[]>;
  const before = buildSchema(await readFile(`${released}/${name}`, "utf8"));
  const problems = compatibilityProblems(before, schema, declared[name] ?? []);
  for (const problem of problems) complain(`${name} ${problem}`);
  if (problems.length > 0) complain("See docs/graphql.md, Changes of the schema");
}
