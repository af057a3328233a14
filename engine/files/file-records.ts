import {
  DomainError,
  type FieldTexts,
  type JsonObject,
  type Page,
  type TenantId,
  type Window,
} from "../model/index.ts";

export const fileStatuses = ["uploaded", "processing", "processed", "failed", "deleted"] as const;
export type FileStatus = (typeof fileStatuses)[number];

/** What is shown of a file, as both faces tell it. */
export const fileTexts = {
  filename: "Safe as a name on a disk: no path, no control characters.",
  original_filename: "As the client sent it: to be shown, never to be used as a path.",
  mime_type: "What the content was found to be, such as `application/pdf`.",
  size_bytes: "Size of the content in bytes.",
  status: "Where it stands.",
  content: "The text, at most 5 MiB.",
  processed_at: "When its text was last read into it.",
} satisfies FieldTexts;

/** A file as a tenant sees it; `fileTexts` say what is shown. Its bytes are in the FileStore, under `storageKey`, which several records may share. */
export interface FileRecord {
  readonly id: number;
  readonly tenantId: TenantId;
  readonly filename: string;
  readonly originalFilename: string;
  readonly mimeType: string;
  /** Of the name: lower case, without the dot. */
  readonly extension: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly storageKey: string;
  readonly status: FileStatus;
  /** Set by process(): at most 5 MiB of text. */
  readonly extractedContent: string | null;
  /** Counts that process() found, or `error` when it failed; `source_file_id` of a converted file. */
  readonly metadata: JsonObject;
  /** Of the step that made the file. Unique per tenant; a deleted file has none. */
  readonly idempotencyKey: string | null;
  /** Whose step made it; null: it was uploaded. */
  readonly executionId: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly processedAt: Date | null;
}

/** Without the text, which may be large and is read only where it is shown. */
export type FileListing = Omit<FileRecord, "extractedContent">;

export type NewFile = Omit<
  FileRecord,
  "id" | "status" | "extractedContent" | "createdAt" | "updatedAt" | "processedAt"
>;

/** What is to be done with a file once it is stored. It is kept until it is done, whatever happens to the process. */
export interface FileTask {
  /** Read its text into the record, as process() does. */
  readonly extract: boolean;
  /** Start the workflows that ask for uploads like it. */
  readonly triggers: boolean;
}

export type FilePatch = Partial<Pick<FileRecord, "status" | "extractedContent" | "metadata" | "processedAt">>;

/**
 * The records of files. Deleted ones do not exist for any of these, except in lists that ask for `deleted`.
 *
 * `insert` and `remove` each are one transaction that first locks the storage key (in Postgres: pg_advisory_xact_lock over its
 * hash), because records share content: without the lock one process could delete content while another, finding it
 * present, skips storing it again. Both callbacks touch the store only, never the database.
 */
export interface FileRecords {
  /**
   * Locks, awaits `storeContent`, inserts with status `uploaded`. If the tenant has a file with this idempotency key,
   * that one is returned instead, nothing is inserted, and `storeContent` need not be called. The task is stored with it.
   * FILE_QUOTA_EXCEEDED when the tenant's files would take more than its quota; then nothing is stored.
   */
  insert(file: NewFile, storeContent: () => Promise<void>, task?: FileTask): Promise<FileRecord>;
  /** Stores another task. Null when there is no such file. */
  addTask(tenantId: TenantId, id: number, task: FileTask): Promise<FileRecord | null>;
  get(tenantId: TenantId, id: number): Promise<FileRecord | null>;
  findByIdempotencyKey(tenantId: TenantId, idempotencyKey: string): Promise<FileRecord | null>;
  /** Newest first. Without `status`: all but the deleted. */
  list(
    tenantId: TenantId,
    query: { readonly status?: FileStatus; readonly limit: number; readonly offset: number },
  ): Promise<readonly FileRecord[]>;
  /** A page by cursor, newest first; the cursors are ids. `statuses` null: all but the deleted. */
  window(tenantId: TenantId, statuses: readonly FileStatus[] | null, window: Window): Promise<Page<FileListing>>;
  count(tenantId: TenantId, statuses: readonly FileStatus[] | null): Promise<number>;
  byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, FileListing>>;
  /** What process() has kept of each. */
  textsOf(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, string | null>>;
  /** Sets updatedAt. Null when there is no such file. */
  update(tenantId: TenantId, id: number, patch: FilePatch): Promise<FileRecord | null>;
  /**
   * Locks, sets status `deleted`, extractedContent and idempotencyKey null, and awaits `deleteContent` when no other
   * record that is not deleted refers to the storage key, of whichever tenant. When that fails, nothing has changed.
   * Null when there is no such file.
   */
  remove(
    tenantId: TenantId,
    id: number,
    deleteContent: (storageKey: string) => Promise<void>,
  ): Promise<FileRecord | null>;
}

export async function recordOf(records: FileRecords, tenantId: TenantId, id: number): Promise<FileRecord> {
  return (await records.get(tenantId, id)) ?? fileNotFound();
}

export function fileNotFound(): never {
  throw new DomainError("FILE_NOT_FOUND", "File not found", { field: "file_id" });
}
