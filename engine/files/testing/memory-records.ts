import type { FileRecord, FileRecords } from "../file-records.ts";

/** For tests of this folder only. One process, no waiting between check and write: the port's locks come for free. */
export function createMemoryFileRecords(): FileRecords & { readonly all: () => readonly FileRecord[] } {
  const rows = new Map<number, FileRecord>();
  const live = () => [...rows.values()].filter((row) => row.status !== "deleted");
  const find = (tenantId: string, id: number) =>
    live().find((row) => row.tenantId === tenantId && row.id === id) ?? null;
  const byKey = (tenantId: string, key: string | null) =>
    key === null ? null : (live().find((row) => row.tenantId === tenantId && row.idempotencyKey === key) ?? null);
  const save = (row: FileRecord): FileRecord => {
    rows.set(row.id, row);
    return row;
  };
  return {
    all: () => [...rows.values()],
    async insert(file, storeContent) {
      await storeContent();
      const known = byKey(file.tenantId, file.idempotencyKey);
      if (known !== null) return known;
      const now = new Date();
      const fresh = {
        status: "uploaded",
        extractedContent: null,
        createdAt: now,
        updatedAt: now,
        processedAt: null,
      } as const;
      return save({ ...file, ...fresh, id: rows.size + 1 });
    },
    get: async (tenantId, id) => find(tenantId, id),
    findByIdempotencyKey: async (tenantId, key) => byKey(tenantId, key),
    async list(tenantId, { status, limit, offset }) {
      const wanted = (row: FileRecord) => (status === undefined ? row.status !== "deleted" : row.status === status);
      const found = [...rows.values()].filter((row) => row.tenantId === tenantId && wanted(row));
      return found.reverse().slice(offset, offset + limit);
    },
    async update(tenantId, id, patch) {
      const row = find(tenantId, id);
      return row && save({ ...row, ...patch, updatedAt: new Date() });
    },
    async remove(tenantId, id, deleteContent) {
      const row = find(tenantId, id);
      if (row === null) return null;
      const removed = save({ ...row, status: "deleted", extractedContent: null, updatedAt: new Date() });
      if (!live().some((other) => other.storageKey === row.storageKey)) await deleteContent(row.storageKey);
      return removed;
    },
  };
}
