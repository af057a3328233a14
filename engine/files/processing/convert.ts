import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { csvRecords } from "./csv.ts";
import { docxToMarkdown, docxToText } from "./docx.ts";
import { convertImage } from "./image.ts";
import type { CellValue, ProcessingJob } from "./jobs.ts";
import { MAX_CONVERTED_BYTES } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";
import { checkRowCount, columnNames, rowObject } from "./table.ts";
import { firstSheet } from "./xlsx.ts";

export async function convert({ path, type, target, outputPath }: ProcessingJob & { kind: "convert" }): Promise<void> {
  switch (`${type}>${target}`) {
    case "csv>json":
      return write(outputPath, csvToJson(path));
    case "json>csv":
      return write(outputPath, jsonToCsv(path));
    case "xlsx>csv":
      return write(outputPath, csvLines(await firstSheet(path)));
    case "docx>markdown":
      return write(outputPath, [await docxToMarkdown(path)]);
    case "docx>txt":
      return write(outputPath, [`${await docxToText(path)}\n`]);
    default:
      return convertImage(path, target, outputPath);
  }
}

/** An array of objects, by column name; values stay text, as a CSV knows no types. */
async function* csvToJson(path: string): AsyncGenerator<string> {
  let names: readonly string[] | undefined;
  let count = 0;
  for await (const record of csvRecords(path)) {
    if (names === undefined) {
      names = columnNames(record);
      continue;
    }
    checkRowCount(++count);
    yield (count === 1 ? "[\n" : ",\n") + JSON.stringify(rowObject(names, record));
  }
  yield count === 0 ? "[]\n" : "\n]\n";
}

/** The columns are the keys of all objects, in the order in which they first occur. Nested values are written as JSON. */
async function* jsonToCsv(path: string): AsyncGenerator<string> {
  const parsed = z.array(z.record(z.string(), z.unknown())).safeParse(parseJson(await readFile(path, "utf8")));
  if (!parsed.success) {
    throw new ProcessingProblem("unreadable", "only a JSON array of objects converts to csv");
  }
  checkRowCount(parsed.data.length);
  const names = [...new Set(parsed.data.flatMap((row) => Object.keys(row)))];
  yield* csvLines([names]);
  for (const row of parsed.data) yield* csvLines([names.map((name) => cellOf(row[name]))]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProcessingProblem("unreadable", "the content is not valid JSON", error);
  }
}

function cellOf(value: unknown): CellValue {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : (value as CellValue);
}

function* csvLines(rows: Iterable<readonly CellValue[]>): Generator<string> {
  for (const row of rows) yield stringify([[...row]], { cast: { boolean: String } });
}

async function write(path: string, text: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let bytes = 0;
  async function* bounded() {
    for await (const part of text) {
      bytes += Buffer.byteLength(part);
      if (bytes > MAX_CONVERTED_BYTES) {
        throw new ProcessingProblem("unreadable", `the converted file would exceed ${MAX_CONVERTED_BYTES} bytes`);
      }
      yield part;
    }
  }
  await pipeline(
    Readable.from(bounded(), { objectMode: false, highWaterMark: 64 * 1024 }),
    createWriteStream(path, { flags: "wx" }),
  );
}
