import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createFileService } from "../../../engine/files/create-file-service.ts";
import { createDiskFileStore } from "../../../engine/files/disk-store.ts";
import type { FileRecord } from "../../../engine/files/file-records.ts";
import type { FileService } from "../../../engine/files/file-service.ts";
import { defaultFileLimits, type FileLimits } from "../../../engine/files/intake.ts";
import { tenantNamed } from "../../../engine/model/index.ts";
import { createMemoryFileRecords } from "./memory-records.ts";

export const TENANT = tenantNamed("tenant-a");

export interface FilesHarness extends AsyncDisposable {
  readonly files: FileService;
  /** Contents on disk, staged ones included. */
  stored(): Promise<number>;
  upload(filename: string, content: Buffer | string): Promise<FileRecord>;
}

/** The real service over a disk of its own. */
export async function openFiles(limits: Partial<FileLimits> = {}): Promise<FilesHarness> {
  const directory = await mkdtempDisposable(join(tmpdir(), "files-"));
  const store = await createDiskFileStore({ directory: directory.path });
  const records = createMemoryFileRecords();
  const files = createFileService({ store, records, limits: { ...defaultFileLimits, ...limits } });
  return {
    files,
    async stored() {
      const entries = await readdir(directory.path, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    upload: (filename, content) => files.upload(Readable.from([Buffer.from(content)]), { tenantId: TENANT, filename }),
    async [Symbol.asyncDispose]() {
      await files.close();
      await directory.remove();
    },
  };
}
