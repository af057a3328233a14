import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import type { Types } from "@graphql-codegen/plugin-helpers";
import { buildSchema, parse } from "graphql";
import config from "../codegen.ts";
import { emit } from "../documents/emit.ts";

/**
 * Does what `codegen.ts` says with the parts of GraphQL Code Generator that it takes. Its command line does the same, and brings 200
 * packages for schemas and configurations from everywhere. Run as it is, not compiled: without the types that it writes nothing compiles.
 */
const text = await readFile(config.schema as string, "utf8");
const schemaAst = buildSchema(text);
const documents = await operationsIn(config.documents as string[]);

for (const [folder, output] of Object.entries(config.generates) as [string, Types.ConfiguredOutput][]) {
  const files = await preset.buildGeneratesSection({
    baseOutputDir: folder,
    presetConfig: output.presetConfig ?? {},
    schema: parse(text),
    schemaAst,
    documents,
    config: { ...output.config, importExtension: config.importExtension },
    plugins: [],
    pluginMap: {},
  });
  for (const file of files) await emit(file.filename, await codegen(file));
}

/** What is between the backticks of ``graphql(`…`)``. */
async function operationsIn(patterns: readonly string[]): Promise<Types.DocumentFile[]> {
  const found: Types.DocumentFile[] = [];
  for (const location of globSync(patterns).sort()) {
    const source = await readFile(location, "utf8");
    for (const [, rawSDL = ""] of source.matchAll(/\bgraphql\(`([^`]+)`\)/g)) {
      found.push({ location, rawSDL, document: parse(rawSDL) });
    }
  }
  return found;
}
