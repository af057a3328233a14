import { runFiles } from "./run-files.ts";

/** `npm test -- GLOB…` */
await runFiles({ globPatterns: process.argv.slice(2) });
