import { readFile, writeFile } from "node:fs/promises";
import { buildSchema, type GraphQLSchema } from "graphql";
import { compatibilityProblems, type DeclaredChange } from "./compatibility.ts";
import { createSagaSchema, createSchema, schemaText } from "./create-schema.ts";

/**
 * `npm run schema` writes schema.graphql and schema-saga.graphql. With --check it only tells whether they are up to date,
 * and whether they break clients of the released ones. With --release they become the released ones.
 */
const schemas: readonly [name: string, schema: GraphQLSchema][] = [
  ["schema.graphql", createSchema()],
  ["schema-saga.graphql", createSagaSchema()],
];
const declarations = file("schema/released/breaking-changes.json");
const mode = process.argv[2];

if (mode === "--release") await writeFile(declarations, "{}\n");
for (const [name, schema] of schemas) {
  if (mode === "--check") await check(name, schema);
  else await writeFile(file(name), schemaText(schema));
  if (mode === "--release") await writeFile(released(name), schemaText(schema));
}

async function check(name: string, schema: GraphQLSchema): Promise<void> {
  if ((await readFile(file(name), "utf8").catch(() => "")) !== schemaText(schema)) {
    fail(`${name} does not show the schema of the code: run \`npm run schema\` and commit it`);
  }
  const declared = JSON.parse(await readFile(declarations, "utf8")) as Record<string, DeclaredChange[]>;
  const problems = compatibilityProblems(
    buildSchema(await readFile(released(name), "utf8")),
    schema,
    declared[name] ?? [],
  );
  for (const problem of problems) fail(`${name} ${problem}`);
  if (problems.length > 0) fail("See docs/graphql.md, Changes of the schema");
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

function released(name: string): URL {
  return file(`schema/released/${name}`);
}

function file(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}
