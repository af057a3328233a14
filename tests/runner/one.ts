import { run } from "node:test";
import { spec } from "node:test/reporters";
import { globalSetup, globalTeardown } from "../support/global-setup.ts";

/** `npm run test:one -- PART [NAME]`: the test files that have PART in their path; of their tests those whose name has NAME. */
const [part, name] = process.argv.slice(2);
if (part === undefined) {
  process.stderr.write("Say which: npm run test:one -- PART-OF-A-PATH [PART-OF-A-NAME]\n");
  process.exit(2);
}
const globPatterns = [`*${part}*`, `${part}*`, `*${part}*/**/*`].map((path) => `dist/**/${path}.test.js`);

await globalSetup();
try {
  const stream = run({ globPatterns, ...(name !== undefined && { testNamePatterns: [name] }), concurrency: 1 });
  stream.on("test:fail", () => {
    process.exitCode = 1;
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(text as string);
} finally {
  await globalTeardown();
}
