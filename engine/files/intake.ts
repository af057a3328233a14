import { createReadStream } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { untimed } from "../runtime/index.ts";
import { conversionsInto, conversionTargets } from "./conversions.ts";
import { extensionOf, originalFileName, safeFileName, withExtension } from "./file-name.ts";
import { type FileRecords, recordOf } from "./file-records.ts";
import { requireAccepted, requireType, typeOf } from "./file-rules.ts";
import type { FileService } from "./file-service.ts";
import type { FileStore, StagedContent } from "./file-store.ts";
import { defaultAcceptedExtensions, type FileType, fileTypes } from "./file-type.ts";
import { MAX_CONVERTED_BYTES } from "./processing/limits.ts";
import type { ProcessingLimits, Processor } from "./processing/processor.ts";

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

/** How files come to be: what is uploaded, and what is made of another. */
export function createIntake({
  store,
  records,
  processor,
  limits,
  taskAdded,
}: {
  readonly store: FileStore;
  readonly records: FileRecords;
  readonly processor: Processor;
  readonly limits: FileLimits;
  readonly taskAdded: () => void;
}): Pick<FileService, "upload" | "convert"> {
  return {
    async upload(content, { tenantId, filename, signal }) {
      const { name, extension } = acceptName(content, filename, limits.acceptedExtensions);
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

    async convert(tenantId, id, { target, idempotencyKey, executionId = null, signal }) {
      const wanted = conversionTargets[target];
      const key = idempotencyKey === undefined ? null : `convert:${idempotencyKey}:${id}:${wanted}`;
      const made = key === null ? null : await records.findByIdempotencyKey(tenantId, key);
      if (made !== null) return made;

      const file = await recordOf(records, tenantId, id);
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
  };
}

/** By the name alone, before a byte is read. */
function acceptName(
  content: Readable,
  filename: string,
  accepted: readonly string[],
): { name: string; extension: string } {
  try {
    const name = safeFileName(filename);
    const extension = extensionOf(name);
    requireAccepted(extension, accepted);
    return { name, extension };
  } catch (error) {
    content.destroy();
    throw error;
  }
}

function contentOf(staged: StagedContent, type: FileType) {
  return {
    mimeType: fileTypes[type].mimeType,
    size: staged.size,
    sha256: staged.sha256,
    storageKey: staged.key,
  };
}
