import type { FileRecord, FileRecords, FileStatus } from "../../../engine/files/file-records.ts";
import type { TenantId } from "../../../engine/model/index.ts";
import { idRange, pageOf } from "../../../engine/model/window.ts";

/** For the tests of this folder only. */
export function createMemoryFileRecords(): FileRecords {
  const rows = new Map<number, FileRecord>();
  const live = () => [...rows.values()].filter((row) => row.status !== "deleted");
  const find = (tenantId: TenantId, id: number) =>
    live().find((row) => row.tenantId === tenantId && row.id === id) ?? null;
  const byKey = (tenantId: TenantId, key: string | null) =>
    key === null ? null : (live().find((row) => row.tenantId === tenantId && row.idempotencyKey === key) ?? null);
  const listed = (tenantId: TenantId, statuses: readonly FileStatus[] | null) =>
    (statuses === null ? live() : [...rows.values()].filter((row) => statuses.includes(row.status))).filter(
      (row) => row.tenantId === tenantId,
    );
  const some = (tenantId: TenantId, ids: readonly number[]) =>
    live().filter((row) => row.tenantId === tenantId && ids.includes(row.id));
  const save = (row: FileRecord): FileRecord => {
    rows.set(row.id, row);
    return row;
  };

  /** One lock for all keys: the port asks for one per storage key at least. */
  let last: Promise<unknown> = Promise.resolve();
  function locked<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  }

  return {
    insert: (file, storeContent) =>
      locked(async () => {
        const known = byKey(file.tenantId, file.idempotencyKey);
        if (known !== null) return known;
        await storeContent();
        const now = new Date();
        const state = { status: "uploaded", extractedContent: null, processedAt: null } as const;
        return save({ ...file, ...state, id: rows.size + 1, createdAt: now, updatedAt: now });
      }),
    addTask: async (tenantId, id) => find(tenantId, id),
    get: async (tenantId, id) => find(tenantId, id),
    findByIdempotencyKey: async (tenantId, key) => byKey(tenantId, key),
    async list(tenantId, { status, limit, offset }) {
      const wanted = (row: FileRecord) => (status === undefined ? row.status !== "deleted" : row.status === status);
      const found = [...rows.values()].filter((row) => row.tenantId === tenantId && wanted(row));
      return found.reverse().slice(offset, offset + limit);
    },
    async window(tenantId, statuses, window) {
      const { lower, upper, direction } = idRange(window, "DESC");
      const found = listed(tenantId, statuses).filter(({ id }) => id > lower && id < upper);
      return pageOf((direction === "ASC" ? found : found.reverse()).slice(0, window.limit + 1), window);
    },
    count: async (tenantId, statuses) => listed(tenantId, statuses).length,
    byIds: async (tenantId, ids) => new Map(some(tenantId, ids).map((row) => [row.id, row])),
    textsOf: async (tenantId, ids) => new Map(some(tenantId, ids).map((row) => [row.id, row.extractedContent])),
    async update(tenantId, id, patch) {
      const row = find(tenantId, id);
      return row && save({ ...row, ...patch, updatedAt: new Date() });
    },
    remove: (tenantId, id, deleteContent) =>
      locked(async () => {
        const row = find(tenantId, id);
        if (row === null) return null;
        const shared = live().some((other) => other.id !== id && other.storageKey === row.storageKey);
        if (!shared) await deleteContent(row.storageKey);
        const cleared = { status: "deleted", extractedContent: null, idempotencyKey: null } as const;
        return save({ ...row, ...cleared, updatedAt: new Date() });
      }),
  };
}
