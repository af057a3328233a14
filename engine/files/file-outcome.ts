import type { JsonObject } from "../json.ts";
import type { FilePatch, FileRecord } from "./file-records.ts";
import type { Extraction, Recognition } from "./processing/jobs.ts";

/** What a record keeps of a reading: the text, and the counts as metadata. Null: a type that is kept, but not read. */
export function processed(file: FileRecord, reading: Extraction | Recognition | null): FilePatch {
  const { error: _, ...metadata } = file.metadata;
  return {
    status: "processed",
    extractedContent: reading?.content ?? null,
    metadata: { ...metadata, ...(reading === null ? {} : countsOf(reading)) },
    processedAt: new Date(),
  };
}

export function failed(file: FileRecord, error: string): FilePatch {
  return { status: "failed", metadata: { ...file.metadata, error } };
}

function countsOf(reading: Extraction | Recognition): JsonObject {
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
