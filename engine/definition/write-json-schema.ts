import { readFile, writeFile } from "node:fs/promises";
import { createStepTypes, type StepServices } from "../steps/index.ts";
import { definitionJsonSchema } from "./json-schema.ts";

/** `npm run schema` writes workflow-definition.schema.json; with --check it only tells whether that is up to date. */
const file = new URL("../../../workflow-definition.schema.json", import.meta.url);
// The schema is made of the types alone: none is run.
const stepTypes = createStepTypes({} as StepServices);
const text = `${JSON.stringify(definitionJsonSchema(stepTypes), null, 2)}\n`;

if (!process.argv.includes("--check")) await writeFile(file, text);
else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
  process.stderr.write("workflow-definition.schema.json is not that of the code: run `npm run schema` and commit it\n");
  process.exitCode = 1;
}
