import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { parse } from "csv-parse";
import { parse as parseSync } from "csv-parse/sync";
import type { Extraction } from "./jobs.ts";
import { MAX_CSV_RECORD_CHARACTERS } from "./limits.ts";
import { createTableListing } from "./table.ts";
import { measureText } from "./text.ts";

const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Where the delimiter is looked for: the first record, if it is not longer. */
const SAMPLE_BYTES = 64 * 1024;

export async function extractText(path: string): Promise<Extraction> {
  return measureText(await readText(path));
}

export async function extractCsv(path: string): Promise<Extraction> {
  const listing = createTableListing();
  for await (const record of csvRecords(path)) listing.add(record);
  const { rows, rowCount, rowsTruncated } = listing.result();
  const text = measureText(await readText(path));
  return { ...text, truncated: text.truncated || rowsTruncated, rowCount, rows };
}

/** Without a byte order mark. */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(path));
}

/** Record by record. Fields are text; rows may differ in length; empty lines are skipped. */
export async function* csvRecords(path: string): AsyncGenerator<readonly string[]> {
  const file = createReadStream(path);
  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(path),
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_CSV_RECORD_CHARACTERS,
  });
  file.on("error", (error) => parser.destroy(error));
  try {
    yield* file.pipe(parser);
  } finally {
    file.destroy();
  }
}

/** The one that splits the first record into most fields; a comma when none does. */
async function delimiterOf(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0);
    const sample = buffer.subarray(0, bytesRead);
    const widths = DELIMITERS.map((delimiter) => {
      const [first] = parseSync(sample, { bom: true, delimiter, to: 1, relax_quotes: true, relax_column_count: true });
      return { delimiter, width: first?.length ?? 0 };
    });
    return widths.reduce((best, next) => (next.width > best.width ? next : best)).delimiter;
  } finally {
    await handle.close();
  }
}
