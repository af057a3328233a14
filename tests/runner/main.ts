import { parseArgs } from "node:util";
import { runFiles } from "./run-files.ts";

/** `npm test`, `npm run test:long`: the files of these patterns. `--coverage` says what of the product they pass through. */
const { values, positionals } = parseArgs({ options: { coverage: { type: "boolean" } }, allowPositionals: true });
await runFiles({ globPatterns: positionals }, values);
