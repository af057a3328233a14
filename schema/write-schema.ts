import { readFile, writeFile } from "node:fs/promises";
import type { GraphQLSchema } from "graphql";
import { createSagaSchema, createSchema, schemaText } from "./create-schema.ts";

/** `npm run schema` writes schema.graphql and schema-saga.graphql; with --check it only tells whether they are up to date. */
await write("schema.graphql", createSchema());
await write("schema-saga.graphql", createSagaSchema());

async function write(name: string, schema: GraphQLSchema): Promise<void> {
  const file = new URL(`../../${name}`, import.meta.url);
  const text = schemaText(schema);
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`${name} does not show the schema of the code: run \`npm run schema\` and commit it\n`);
    process.exitCode = 1;
  }
}
