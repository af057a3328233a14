import { emit } from "../../documents/emit.ts";
import { definitionJsonSchema } from "../definition/index.ts";
import { createStepTypes, type StepServices } from "./index.ts";

/** Emits what is told of definitions and step types: it is made of the types alone, none is run. */
const stepTypes = createStepTypes({} as StepServices);

const sections = stepTypes.all().map(
  ({ type, summary, docs, effect }) => `## \`${type}\`

${summary} ${effect === "none" ? "Only computes." : "Has an effect: it starts when all before it is stored."}

${docs.trim()}
`,
);

await emit("api/workflow-definition.schema.json", `${JSON.stringify(definitionJsonSchema(stepTypes), null, 2)}\n`);
await emit(
  "docs/step-types.md",
  `# Step types

Made from the code by \`npm run schema\`; GraphQL shows the same as \`stepTypes\`, with the JSON Schemas of config and output. What
every step takes besides is in [definition.md](definition.md).

${sections.join("\n")}`,
);
