import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { CsvError, parse } from "csv-parse";
import { parse as parseSync } from "csv-parse/sync";
import type { Extraction } from "./jobs.ts";
import { MAX_CSV_RECORD_CHARACTERS } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";
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
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error) : error;
  } finally {
    file.destroy();
  }
}

const problems: Readonly<Partial<Record<CsvError["code"], string>>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  INVALID_OPENING_QUOTE: "a quote stands within a field that does not begin with one",
  CSV_INVALID_CLOSING_QUOTE: "a quote within a quoted field is not doubled",
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: "something stands between a closing quote and the next field",
  CSV_MAX_RECORD_SIZE: `a record is longer than ${MAX_CSV_RECORD_CHARACTERS} characters`,
};

function problemOf(error: CsvError): ProcessingProblem {
  const why = problems[error.code] ?? "it is no table";
  const line = typeof error.lines === "number" ? ` (line ${error.lines})` : "";
  return new ProcessingProblem("unreadable", why + line, error);
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
