import { createReadStream } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { DomainError, type TenantId } from "../model/index.ts";
import { untimed } from "../runtime/index.ts";
import {
  conversionsInto,
  conversionTargets,
  extractable,
  ocrLanguages,
  readable,
  recognisable,
} from "./conversions.ts";
import { extensionOf, originalFileName, safeFileName, withExtension } from "./file-name.ts";
import { failed, keptText, processed, textOf } from "./file-outcome.ts";
import type { FilePatch, FileRecord, FileRecords } from "./file-records.ts";
import { checkRules, refuseType, requireAccepted, requireType, typeOf } from "./file-rules.ts";
import type { FileService, TextOptions } from "./file-service.ts";
import type { FileStore, StagedContent } from "./file-store.ts";
import { defaultAcceptedExtensions, type FileType, fileTypes } from "./file-type.ts";
import type { Extraction, OcrLanguage, Recognition } from "./processing/jobs.ts";
import { MAX_CONVERTED_BYTES } from "./processing/limits.ts";
import { createProcessor, type ProcessingLimits } from "./processing/processor.ts";
import { recognise } from "./recognition.ts";

export interface FileLimits {
  /** Bytes. Default 10 MiB. */
  readonly maxUploadBytes: number;
  /** Extensions without dot. */
  readonly acceptedExtensions: readonly string[];
  /** Default: defaultProcessingLimits. */
  readonly processing?: ProcessingLimits;
  /** Bytes that the files of one tenant may take together. Default: no limit. */
  readonly maxTenantBytes?: number;
}

export const defaultFileLimits: FileLimits = {
  maxUploadBytes: 10 * 1024 * 1024,
  acceptedExtensions: defaultAcceptedExtensions,
};

/** What process() looks for. */
const anyText: TextOptions = { recognise: true, language: "en" };

export function createFileService(parts: {
  readonly store: FileStore;
  readonly records: FileRecords;
  readonly limits?: FileLimits;
  /** After the commit of a task. */
  readonly taskAdded?: () => void;
}): FileService {
  const { store, records, limits = defaultFileLimits, taskAdded = () => {} } = parts;
  const processor = createProcessor(limits.processing);

  async function get(tenantId: TenantId, id: number): Promise<FileRecord> {
    return (await records.get(tenantId, id)) ?? notFound();
  }

  async function extract(file: FileRecord, signal?: AbortSignal): Promise<Extraction> {
    const type = typeOf(file);
    requireType("extract", type, extractable);
    await using local = await store.local(file.storageKey);
    return await untimed(() => processor.run(file.tenantId, { kind: "extract", path: local.path, type }, signal));
  }

  async function ocr(file: FileRecord, language: string, signal?: AbortSignal): Promise<Recognition> {
    const known = installed(language);
    const type = typeOf(file);
    requireType("ocr_extract", type, recognisable);
    await using local = await store.local(file.storageKey);
    const { tenantId } = file;
    return await untimed(() => recognise(processor, { tenantId, path: local.path, type, language: known }, signal));
  }

  /** By the name alone, before a byte is read. */
  function acceptName(content: Readable, filename: string): { name: string; extension: string } {
    try {
      const name = safeFileName(filename);
      const extension = extensionOf(name);
      requireAccepted(extension, limits.acceptedExtensions);
      return { name, extension };
    } catch (error) {
      content.destroy();
      throw error;
    }
  }

  /** Null for a type in which there is no text, or none that may be looked for. */
  async function read(
    file: FileRecord,
    { recognise, language }: TextOptions,
    signal?: AbortSignal,
  ): Promise<Extraction | Recognition | null> {
    const type = typeOf(file);
    if (recognise && recognisable.includes(type)) return ocr(file, language, signal);
    return extractable.includes(type) ? extract(file, signal) : null;
  }

  return {
    async upload(content, { tenantId, filename, signal }) {
      const { name, extension } = acceptName(content, filename);
      const maxBytes = limits.maxUploadBytes;
      await using staged = await untimed(() =>
        store.stage(content, signal === undefined ? { maxBytes } : { maxBytes, signal }),
      );
      const detect = { kind: "detect", path: staged.path, extension } as const;
      const type = await untimed(() => processor.run(tenantId, detect, signal));
      const names = { filename: name, originalFilename: originalFileName(filename), extension };
      const file = await records.insert(
        { tenantId, ...names, ...contentOf(staged, type), metadata: {}, idempotencyKey: null, executionId: null },
        () => staged.commit(),
        { extract: false, triggers: true },
      );
      taskAdded();
      return file;
    },

    get,

    list: (tenantId, query) => records.list(tenantId, query),

    window: (tenantId, statuses, window) => records.window(tenantId, statuses, window),

    count: (tenantId, statuses) => records.count(tenantId, statuses),

    byIds: (tenantId, ids) => records.byIds(tenantId, ids),

    textsOf: (tenantId, ids) => records.textsOf(tenantId, ids),

    async validate(tenantId, id, rules) {
      const file = await get(tenantId, id);
      checkRules(file, rules);
      if (!(await store.has(file.storageKey))) notFound();
      return file;
    },

    async text(tenantId, id, options = anyText) {
      installed(options.language);
      const file = await get(tenantId, id);
      const kept = keptText(file);
      if (kept !== null) return kept;
      const reading = await read(file, options);
      if (reading === null) refuseType("Reading", typeOf(file), options.recognise ? readable : extractable);
      return textOf(file, reading);
    },

    async extract(tenantId, id, signal) {
      const file = await get(tenantId, id);
      return { ...(await extract(file, signal)), mimeType: file.mimeType };
    },

    async ocr(tenantId, id, { language, signal }) {
      const file = await get(tenantId, id);
      return { ...(await ocr(file, language, signal)), mimeType: file.mimeType, language };
    },

    async convert(tenantId, id, { target, idempotencyKey, executionId = null, signal }) {
      const wanted = conversionTargets[target];
      const key = idempotencyKey === undefined ? null : `convert:${idempotencyKey}:${id}:${wanted}`;
      const made = key === null ? null : await records.findByIdempotencyKey(tenantId, key);
      if (made !== null) return made;

      const file = await get(tenantId, id);
      const type = typeOf(file);
      requireType(`convert to ${target}`, type, conversionsInto(wanted));
      await using local = await store.local(file.storageKey);
      await using scratch = await mkdtempDisposable(join(tmpdir(), "stepwire-"));
      const outputPath = join(scratch.path, "output");
      const conversion = { kind: "convert", path: local.path, type, target: wanted, outputPath } as const;
      await untimed(() => processor.run(tenantId, conversion, signal));
      await using staged = await store.stage(createReadStream(outputPath), { maxBytes: MAX_CONVERTED_BYTES });
      const extension = fileTypes[wanted].extensions[0];
      const filename = withExtension(file.filename, extension);
      const names = { filename, originalFilename: filename, extension };
      return await records.insert(
        {
          tenantId,
          ...names,
          ...contentOf(staged, wanted),
          metadata: { source_file_id: id },
          idempotencyKey: key,
          executionId,
        },
        () => staged.commit(),
      );
    },

    async process(tenantId, id, signal) {
      const file = await get(tenantId, id);
      const update = async (patch: FilePatch) => (await records.update(tenantId, id, patch)) ?? notFound();
      await update({ status: "processing" });
      try {
        return await update(processed(file, await read(file, anyText, signal)));
      } catch (error) {
        const isOfFile =
          error instanceof DomainError && error.code.startsWith("FILE_") && error.code !== "FILE_PROCESSING_BUSY";
        // A record found `processing` was left so by a process that died.
        const before = file.status === "processing" ? "uploaded" : file.status;
        await update(isOfFile ? failed(file, error.message) : { status: before });
        if (!isOfFile) throw error;
        return get(tenantId, id);
      }
    },

    async request(tenantId, id, task) {
      const file = (await records.addTask(tenantId, id, task)) ?? notFound();
      taskAdded();
      return file;
    },

    async openContent(tenantId, id, range) {
      const file = await get(tenantId, id);
      return { file, content: await store.open(file.storageKey, range) };
    },

    async remove(tenantId, id) {
      return (await records.remove(tenantId, id, (key) => store.delete(key))) ?? notFound();
    },

    close: () => processor.close(),
  };
}

function installed(language: string): OcrLanguage {
  const known = Object.hasOwn(ocrLanguages, language) ? ocrLanguages[language] : undefined;
  if (known !== undefined) return known;
  const available = Object.keys(ocrLanguages).join(", ");
  throw DomainError.invalid([{ path: "language", message: `"${language}" is not installed; available: ${available}` }]);
}

function contentOf(staged: StagedContent, type: FileType) {
  return {
    mimeType: fileTypes[type].mimeType,
    size: staged.size,
    sha256: staged.sha256,
    storageKey: staged.key,
  };
}

function notFound(): never {
  throw new DomainError("FILE_NOT_FOUND", "File not found", { field: "file_id" });
}
