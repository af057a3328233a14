import { DomainError } from "../model/index.ts";
import { untimed } from "../runtime/index.ts";
import { extractable, ocrLanguages, readable, recognisable } from "./conversions.ts";
import { failed, keptText, processed, textOf } from "./file-outcome.ts";
import { type FilePatch, type FileRecord, type FileRecords, fileNotFound, recordOf } from "./file-records.ts";
import { refuseType, requireType, typeOf } from "./file-rules.ts";
import type { FileService, TextOptions } from "./file-service.ts";
import type { FileStore } from "./file-store.ts";
import type { Extraction, OcrLanguage, Recognition } from "./processing/jobs.ts";
import type { Processor } from "./processing/processor.ts";
import { recognise } from "./recognition.ts";

interface Parts {
  readonly store: FileStore;
  readonly records: FileRecords;
  readonly processor: Processor;
}

/** What process() looks for. */
const anyText: TextOptions = { recognise: true, language: "en" };

/** How the text of files is found. */
export function createReading(parts: Parts): Pick<FileService, "text" | "extract" | "ocr" | "process"> {
  const { records } = parts;
  return {
    async text(tenantId, id, options = anyText) {
      installed(options.language);
      const file = await recordOf(records, tenantId, id);
      const kept = keptText(file);
      if (kept !== null) return kept;
      const reading = await read(parts, file, options);
      if (reading === null) refuseType("Reading", typeOf(file), options.recognise ? readable : extractable);
      return textOf(file, reading);
    },

    async extract(tenantId, id, signal) {
      const file = await recordOf(records, tenantId, id);
      return { ...(await extract(parts, file, signal)), mimeType: file.mimeType };
    },

    async ocr(tenantId, id, { language, signal }) {
      const file = await recordOf(records, tenantId, id);
      return { ...(await ocr(parts, file, language, signal)), mimeType: file.mimeType, language };
    },

    async process(tenantId, id, signal) {
      const file = await recordOf(records, tenantId, id);
      const update = async (patch: FilePatch) => (await records.update(tenantId, id, patch)) ?? fileNotFound();
      await update({ status: "processing" });
      try {
        return await update(processed(file, await read(parts, file, anyText, signal)));
      } catch (error) {
        const isOfFile =
          error instanceof DomainError && error.code.startsWith("FILE_") && error.code !== "FILE_PROCESSING_BUSY";
        // A record found `processing` was left so by a process that died.
        const before = file.status === "processing" ? "uploaded" : file.status;
        await update(isOfFile ? failed(file, error.message) : { status: before });
        if (!isOfFile) throw error;
        return recordOf(records, tenantId, id);
      }
    },
  };
}

async function extract({ store, processor }: Parts, file: FileRecord, signal?: AbortSignal): Promise<Extraction> {
  const type = typeOf(file);
  requireType("extract", type, extractable);
  await using local = await store.local(file.storageKey);
  return await untimed(() => processor.run(file.tenantId, { kind: "extract", path: local.path, type }, signal));
}

async function ocr(
  { store, processor }: Parts,
  file: FileRecord,
  language: string,
  signal?: AbortSignal,
): Promise<Recognition> {
  const known = installed(language);
  const type = typeOf(file);
  requireType("ocr_extract", type, recognisable);
  await using local = await store.local(file.storageKey);
  const { tenantId } = file;
  return await untimed(() => recognise(processor, { tenantId, path: local.path, type, language: known }, signal));
}

/** Null for a type in which there is no text, or none that may be looked for. */
async function read(
  parts: Parts,
  file: FileRecord,
  { recognise, language }: TextOptions,
  signal?: AbortSignal,
): Promise<Extraction | Recognition | null> {
  const type = typeOf(file);
  if (recognise && recognisable.includes(type)) return ocr(parts, file, language, signal);
  return extractable.includes(type) ? extract(parts, file, signal) : null;
}

function installed(language: string): OcrLanguage {
  const known = Object.hasOwn(ocrLanguages, language) ? ocrLanguages[language] : undefined;
  if (known !== undefined) return known;
  const available = Object.keys(ocrLanguages).join(", ");
  throw DomainError.invalid([{ path: "language", message: `"${language}" is not installed; available: ${available}` }]);
}
