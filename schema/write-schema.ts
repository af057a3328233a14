import { readFile, writeFile } from "node:fs/promises";
import { schemaText } from "./create-schema.ts";

/** `npm run schema` writes schema.graphql; with --check it only tells whether that is up to date. */
const file = new URL("../../schema.graphql", import.meta.url);
const text = schemaText();

if (!process.argv.includes("--check")) await writeFile(file, text);
else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
  process.stderr.write("schema.graphql does not show the schema of the code: run `npm run schema` and commit it\n");
  process.exitCode = 1;
}
