import type { JsonObject } from "../model/index.ts";
import type { FilePatch, FileRecord } from "./file-records.ts";
import type { Extraction, Recognition } from "./processing/jobs.ts";

/** What a record tells of a file that was read, by the names that REST and templates show. */
type TextCounts = {
  /** This and `char_count` are of the whole text, also when the content was cut: then it is `truncated`. */
  readonly word_count: number;
  readonly char_count: number;
  readonly truncated: boolean;
  readonly page_count?: number;
  readonly sheet_count?: number;
  readonly row_count?: number;
  readonly source?: Recognition["source"];
  /** 0 to 100; of text that was recognised, or looked for in a scan. */
  readonly confidence?: number;
};

/** The text of a file, with the metadata that its record has, or would have once it is processed. */
export interface FileText {
  /** At most 5 MiB. */
  readonly content: string;
  readonly metadata: JsonObject & TextCounts;
}

/** What a record keeps of a reading: the text, and the counts as metadata. Null: a type that is kept, but not read. */
export function processed(file: FileRecord, reading: Extraction | Recognition | null): FilePatch {
  const text = reading && textOf(file, reading);
  return {
    status: "processed",
    extractedContent: text?.content ?? null,
    metadata: text?.metadata ?? withoutError(file),
    processedAt: new Date(),
  };
}

export function textOf(file: FileRecord, reading: Extraction | Recognition): FileText {
  return { content: reading.content, metadata: { ...withoutError(file), ...countsOf(reading) } };
}

/** What processed() has put into the record; null when there was no text, or nobody has asked yet. */
export function keptText({ extractedContent, metadata }: FileRecord): FileText | null {
  // Whatever writes the one writes the counts with it.
  return extractedContent === null ? null : { content: extractedContent, metadata: metadata as FileText["metadata"] };
}

export function failed(file: FileRecord, error: string): FilePatch {
  return { status: "failed", metadata: { ...file.metadata, error } };
}

function withoutError({ metadata: { error: _, ...metadata } }: FileRecord): JsonObject {
  return metadata;
}

function countsOf(reading: Extraction | Recognition): TextCounts {
  return {
    word_count: reading.wordCount,
    char_count: reading.charCount,
    truncated: reading.truncated,
    ...(reading.pageCount === undefined ? {} : { page_count: reading.pageCount }),
    ...("sheetCount" in reading && reading.sheetCount !== undefined ? { sheet_count: reading.sheetCount } : {}),
    ...("rowCount" in reading && reading.rowCount !== undefined ? { row_count: reading.rowCount } : {}),
    ...("source" in reading ? { source: reading.source, confidence: reading.confidence } : {}),
  };
}
