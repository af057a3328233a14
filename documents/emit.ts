import { readFile, writeFile } from "node:fs/promises";

/** `npm run schema` and `npm run codegen` write what is made from the code; `npm run check` only tells whether it is up to date. */
export const isCheck = process.argv.includes("--check");

/** Writes a document, or sees to it that the one that is there is the same. `path` is from the root of the repository, where npm runs its scripts. */
export async function emit(path: string, text: string): Promise<void> {
  if (!isCheck) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    complain(`${path} is not that of the code: run \`npm run schema && npm run codegen\` and commit it`);
  }
}

/** Goes on, so that all that is wrong is told at once; the program fails at its end. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
