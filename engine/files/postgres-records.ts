import type { EntityManager } from "@mikro-orm/postgresql";
import { DomainError, idRange, type JsonObject, pageOf, type TenantId } from "../model/index.ts";
import { type Clock, steadyClock } from "../runtime/index.ts";
import { FileEntity, FileNoteEntity, type FileRow, FileTaskEntity } from "../store/index.ts";
import type { FileListing, FilePatch, FileRecord, FileRecords, FileStatus, FileTask, NewFile } from "./file-records.ts";

const present = { $ne: "deleted" } as const;
type Present = typeof present;
type Now = Pick<Clock, "now">;

/** Plans: "file_pkey", "file_idempotency", "file_storage_key"; lists by "file_tenant", with statuses "file_tenant_status". */
export function createPostgresFileRecords(
  fork: () => EntityManager,
  {
    maxTenantBytes = null,
    noted = () => {},
    clock = steadyClock,
  }: {
    readonly maxTenantBytes?: number | null;
    /** Something is to be told as a domain event. */
    readonly noted?: () => void;
    /** Default: that of this process alone. */
    readonly clock?: Now;
  } = {},
): FileRecords {
  return {
    insert: async (file, storeContent, task) => {
      const record = await fork().transactional((em) =>
        insert(em, { file, task, clock, maxTenantBytes }, storeContent),
      );
      noted();
      return record;
    },

    addTask: async (tenantId, id, task) => {
      const em = fork();
      const row = await find(em, tenantId, id);
      if (row) await em.insert(FileTaskEntity, { ...task, tenantId, fileId: id, dueAt: new Date(clock.now()) });
      return row && toRecord(row);
    },

    get: async (tenantId, id) => {
      const row = await find(fork(), tenantId, id);
      return row && toRecord(row);
    },

    findByIdempotencyKey: async (tenantId, idempotencyKey) => {
      const row = await fork().findOne(FileEntity, { tenantId, idempotencyKey });
      return row && toRecord(row);
    },

    list: async (tenantId, { status, limit, offset }) => {
      const where = { tenantId, status: status ?? ({ $ne: "deleted" } as const) };
      const rows = await fork().find(FileEntity, where, { orderBy: { id: "desc" }, limit, offset });
      return rows.map(toRecord);
    },

    window: async (tenantId, statuses, window) => {
      const { lower, upper, direction } = idRange(window, "DESC");
      const read = (status: Present | FileStatus) =>
        fork().find(
          FileEntity,
          { tenantId, status, id: { $gt: lower, $lt: upper } },
          { orderBy: { id: direction }, limit: window.limit + 1, exclude: ["extractedContent"] },
        );
      // Each status has its own stretch of the index, in order: no list of them is sorted as a whole.
      const wanted = statuses === null ? [present] : [...new Set(statuses)];
      const rows = (await Promise.all(wanted.map(read))).flat();
      const sign = direction === "ASC" ? 1 : -1;
      return pageOf(rows.sort((a, b) => sign * (a.id - b.id)).map(toListing), window);
    },

    count: (tenantId, statuses) =>
      fork().count(FileEntity, { tenantId, status: statuses === null ? present : { $in: [...statuses] } }),

    byIds: async (tenantId, ids) => {
      const where = { tenantId, id: { $in: [...ids] }, status: present };
      const rows = await fork().find(FileEntity, where, { exclude: ["extractedContent"] });
      return new Map(rows.map((row) => [row.id, toListing(row)]));
    },

    textsOf: async (tenantId, ids) => {
      const where = { tenantId, id: { $in: [...ids] }, status: present };
      const rows = await fork().find(FileEntity, where, { fields: ["extractedContent"] });
      return new Map(rows.map((row) => [row.id, row.extractedContent]));
    },

    update: async (tenantId, id, patch) => {
      const record = await update(fork(), tenantId, id, patch, clock);
      if (record && patch.status === "processed") noted();
      return record;
    },

    remove: (tenantId, id, deleteContent) =>
      fork().transactional((em) => remove(em, tenantId, id, clock, deleteContent)),
  };
}

async function insert(
  em: EntityManager,
  {
    file,
    task,
    clock,
    maxTenantBytes,
  }: {
    readonly file: NewFile;
    readonly task: FileTask | undefined;
    readonly clock: Now;
    readonly maxTenantBytes: number | null;
  },
  storeContent: () => Promise<void>,
): Promise<FileRecord> {
  await lockContent(em, file.storageKey);
  const { tenantId, idempotencyKey } = file;
  const known = idempotencyKey === null ? null : await em.findOne(FileEntity, { tenantId, idempotencyKey });
  if (known) return toRecord(known);
  await addUsage(em, tenantId, file.size, maxTenantBytes);
  await storeContent();
  const at = new Date(clock.now());
  const times = { createdAt: at, updatedAt: at, processedAt: null };
  const row = em.create(FileEntity, { ...file, status: "uploaded", extractedContent: null, ...times });
  await em.flush();
  if (task) await em.insert(FileTaskEntity, { ...task, tenantId, fileId: row.id, dueAt: at });
  await em.insert(FileNoteEntity, { fileId: row.id, type: "file.uploaded", at });
  return toRecord(row);
}

async function update(
  em: EntityManager,
  tenantId: TenantId,
  id: number,
  patch: FilePatch,
  clock: Now,
): Promise<FileRecord | null> {
  const row = await find(em, tenantId, id);
  if (!row) return null;
  const at = new Date(clock.now());
  Object.assign(row, patch, { updatedAt: at });
  if (patch.status === "processed") {
    em.create(FileNoteEntity, { fileId: id, type: "file.processed", at });
    if (patch.extractedContent != null) em.create(FileNoteEntity, { fileId: id, type: "file.content_extracted", at });
  }
  await em.flush();
  return toRecord(row);
}

async function remove(
  em: EntityManager,
  tenantId: TenantId,
  id: number,
  clock: Now,
  deleteContent: (storageKey: string) => Promise<void>,
): Promise<FileRecord | null> {
  const known = await find(em, tenantId, id);
  if (!known) return null;
  await lockContent(em, known.storageKey);
  // Somebody else may have removed it while we waited for the lock.
  const row = await find(em, tenantId, id, true);
  if (!row) return null;
  const { storageKey } = row;
  const sharing = await em.count(FileEntity, { storageKey, status: { $ne: "deleted" }, id: { $ne: id } });
  const updatedAt = new Date(clock.now());
  Object.assign(row, { status: "deleted", extractedContent: null, idempotencyKey: null, updatedAt });
  await em.flush();
  await addUsage(em, tenantId, -row.size, null);
  if (sharing === 0) await deleteContent(storageKey);
  return toRecord(row);
}

function find(em: EntityManager, tenantId: TenantId, id: number, refresh = false): Promise<FileRow | null> {
  return em.findOne(FileEntity, { tenantId, id, status: { $ne: "deleted" } }, { refresh });
}

/** Held until the transaction ends. Records that share content are made and removed one after another. */
async function lockContent(em: EntityManager, storageKey: string): Promise<void> {
  await em.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", [storageKey]);
}

/** One statement counts and checks: two uploads at once cannot both take the last of the quota. Plan: "file_usage_pkey". */
async function addUsage(em: EntityManager, tenantId: TenantId, bytes: number, limit: number | null): Promise<void> {
  const counted = await em.execute(
    `INSERT INTO file_usage AS u (tenant_id, bytes) SELECT ?::text, ?::bigint WHERE ?::bigint IS NULL OR ?::bigint <= ?::bigint
     ON CONFLICT (tenant_id) DO UPDATE SET bytes = greatest(u.bytes + excluded.bytes, 0)
       WHERE ?::bigint IS NULL OR u.bytes + excluded.bytes <= ?::bigint
     RETURNING bytes`,
    [tenantId, bytes, limit, bytes, limit, limit, limit],
  );
  if (counted.length > 0) return;
  throw new DomainError("FILE_QUOTA_EXCEEDED", `The files of the tenant may take ${limit} bytes together`);
}

function toRecord(row: FileRow): FileRecord {
  return toListing(row) as FileRecord;
}

function toListing(row: Omit<FileListing, "metadata"> & { readonly metadata: JsonObject | null }): FileListing {
  const { metadata, ...rest } = row;
  return { ...rest, metadata: metadata ?? {} };
}
