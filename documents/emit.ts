import { readFile, writeFile } from "node:fs/promises";

/** `npm run schema` writes the documents that are made from the code; `npm run check` only tells whether they are up to date. */
export const isCheck = process.argv.includes("--check");

/** Writes a document, or sees to it that the one that is there is the same. `path` is from the root of the repository. */
export async function emit(path: string, text: string): Promise<void> {
  if (!isCheck) await writeFile(inRepository(path), text);
  else if ((await readFile(inRepository(path), "utf8").catch(() => "")) !== text) {
    complain(`${path} is not that of the code: run \`npm run schema\` and commit it`);
  }
}

/** Goes on, so that all that is wrong is told at once; the program fails at its end. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

export function inRepository(path: string): URL {
  // Two up from dist/documents/.
  return new URL(`../../${path}`, import.meta.url);
}
