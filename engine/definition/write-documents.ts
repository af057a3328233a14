import { readFile, writeFile } from "node:fs/promises";
import { createStepTypes, type StepServices } from "../steps/index.ts";
import { definitionJsonSchema } from "./json-schema.ts";

/**
 * `npm run schema` writes what is told of definitions and step types; with --check it only tells whether that is up to
 * date. All of it is made of the types alone: none is run.
 */
const stepTypes = createStepTypes({} as StepServices);

const sections = stepTypes.all().map(
  ({ type, summary, docs, effect }) => `## \`${type}\`

${summary} ${effect === "none" ? "Only computes." : "Has an effect: it starts when all before it is stored."}

${docs.trim()}
`,
);
const documents: Readonly<Record<string, string>> = {
  "workflow-definition.schema.json": `${JSON.stringify(definitionJsonSchema(stepTypes), null, 2)}\n`,
  "docs/step-types.md": `# Step types

Made from the code by \`npm run schema\`; GraphQL shows the same as \`stepTypes\`, with the JSON Schemas of config and output. What
every step takes besides is in [definition.md](definition.md).

${sections.join("\n")}`,
};

for (const [name, text] of Object.entries(documents)) {
  const file = new URL(`../../../${name}`, import.meta.url);
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`${name} is not that of the code: run \`npm run schema\` and commit it\n`);
    process.exitCode = 1;
  }
}
