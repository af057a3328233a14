import { runFiles } from "./run-files.ts";

/** `npm run test:one -- PART [NAME]`: the test files that have PART in their path; of their tests those whose name has NAME. */
const [part, name] = process.argv.slice(2);
if (part === undefined) {
  process.stderr.write("Say which: npm run test:one -- PART-OF-A-PATH [PART-OF-A-NAME]\n");
  process.exit(2);
}
const globPatterns = [`*${part}*`, `${part}*`, `*${part}*/**/*`].map((path) => `dist/**/${path}.test.js`);
await runFiles({ globPatterns, ...(name !== undefined && { testNamePatterns: [name] }) });
