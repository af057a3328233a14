import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FileRecords, FileStatus, NewFile } from "../../../engine/files/file-records.ts";
import { tenantNamed } from "../../../engine/model/index.ts";
import type { Window } from "../../../engine/model/window.ts";

const TENANT = tenantNamed("tenant-a");
const OTHER = tenantNamed("tenant-b");

/** Empty records for each test. */
export interface FileRecordsHarness extends AsyncDisposable {
  readonly records: FileRecords;
}

const nothing = async () => {};

function newFile(change: Partial<NewFile> = {}): NewFile {
  return {
    tenantId: TENANT,
    filename: "a.txt",
    originalFilename: "../a.txt",
    mimeType: "text/plain",
    extension: "txt",
    size: 3_000_000_000,
    sha256: "ab".repeat(32),
    storageKey: "content-1",
    metadata: { source_file_id: 7 },
    idempotencyKey: null,
    executionId: null,
    ...change,
  };
}

/** What every adapter of FileRecords must do. */
export function fileRecordsContract(name: string, open: () => Promise<FileRecordsHarness>): void {
  describe(`file records contract: ${name}`, () => {
    let harness: FileRecordsHarness;
    let records: FileRecords;

    beforeEach(async () => {
      harness = await open();
      records = harness.records;
    });
    afterEach(() => harness[Symbol.asyncDispose]());

    it("stores the content, then inserts, and gives back what was inserted", async () => {
      let stored = 0;
      const file = await records.insert(newFile(), async () => {
        stored++;
      });
      assert.equal(stored, 1);
      const { id, status, extractedContent, createdAt, updatedAt, processedAt, ...given } = file;
      assert.deepEqual(given, newFile());
      assert.deepEqual([status, extractedContent, processedAt], ["uploaded", null, null]);
      assert.ok(Number.isInteger(id) && createdAt instanceof Date && updatedAt instanceof Date);
      assert.deepEqual(await records.get(TENANT, id), file);
    });

    it("inserts nothing when the content cannot be stored", async () => {
      const failing = records.insert(newFile(), async () => {
        throw new Error("disk full");
      });
      await assert.rejects(failing, { message: "disk full" });
      assert.deepEqual(await records.list(TENANT, { limit: 10, offset: 0 }), []);
    });

    it("inserts once per tenant and idempotency key, also at the same time", async () => {
      const keyed = newFile({ idempotencyKey: "step-1" });
      const made = await Promise.all(Array.from({ length: 5 }, () => records.insert(keyed, nothing)));
      const again = await records.insert({ ...keyed, storageKey: "content-2", filename: "b.txt" }, nothing);
      assert.deepEqual(new Set([...made, again].map((file) => file.id)), new Set([made[0]?.id]));
      assert.equal((await records.findByIdempotencyKey(TENANT, "step-1"))?.id, again.id);
      assert.equal(await records.findByIdempotencyKey(OTHER, "step-1"), null);
      assert.notEqual((await records.insert({ ...keyed, tenantId: OTHER }, nothing)).id, again.id);
    });

    it("frees the idempotency key of a removed file", async () => {
      const keyed = newFile({ idempotencyKey: "step-1" });
      const first = await records.insert(keyed, nothing);
      await records.remove(TENANT, first.id, nothing);
      assert.equal(await records.findByIdempotencyKey(TENANT, "step-1"), null);
      assert.notEqual((await records.insert(keyed, nothing)).id, first.id);
    });

    it("hides a tenant's files from others", async () => {
      const { id } = await records.insert(newFile(), nothing);
      assert.equal(await records.get(OTHER, id), null);
      assert.equal(await records.update(OTHER, id, { status: "failed" }), null);
      assert.equal(await records.remove(OTHER, id, () => assert.fail("content deleted")), null);
      assert.deepEqual(await records.list(OTHER, { limit: 10, offset: 0 }), []);
      assert.equal((await records.get(TENANT, id))?.status, "uploaded");
    });

    it("lists newest first, by status, in pages, and the deleted only when asked", async () => {
      const ids: number[] = [];
      for (let n = 0; n < 4; n++) ids.push((await records.insert(newFile(), nothing)).id);
      const [first = 0, second = 0, third = 0, fourth = 0] = ids;
      await records.update(TENANT, second, { status: "processed" });
      await records.remove(TENANT, third, nothing);
      const list = async (query: Partial<Parameters<FileRecords["list"]>[1]>) =>
        (await records.list(TENANT, { limit: 10, offset: 0, ...query })).map((file) => file.id);
      assert.deepEqual(await list({}), [fourth, second, first]);
      assert.deepEqual(await list({ limit: 1, offset: 1 }), [second]);
      assert.deepEqual(await list({ status: "processed" }), [second]);
      assert.deepEqual(await list({ status: "deleted" }), [third]);
    });

    it("pages by cursor in both directions, counts, and reads texts only when asked", async () => {
      const ids: number[] = [];
      for (let n = 0; n < 5; n++) ids.push((await records.insert(newFile(), nothing)).id);
      const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = ids;
      await records.insert(newFile({ tenantId: OTHER }), nothing);
      await records.update(TENANT, second, { status: "processed", extractedContent: "text" });
      await records.update(TENANT, fourth, { status: "failed" });
      await records.remove(TENANT, third, nothing);
      const page = async (statuses: readonly FileStatus[] | null, window: Partial<Window>) => {
        const all = { limit: 2, after: null, before: null, fromEnd: false, ...window };
        const { items, hasMore } = await records.window(TENANT, statuses, all);
        return [items.map(({ id }) => id), hasMore];
      };
      assert.deepEqual(await page(null, {}), [[fifth, fourth], true]);
      assert.deepEqual(await page(null, { after: fourth }), [[second, first], false]);
      assert.deepEqual(await page(null, { fromEnd: true, before: first }), [[fourth, second], true]);
      assert.deepEqual(await page(["failed", "processed", "failed"], {}), [[fourth, second], false]);
      assert.deepEqual(await page(["deleted"], {}), [[third], false]);
      assert.equal(await records.count(TENANT, null), 4);
      assert.equal(await records.count(TENANT, ["deleted", "failed"]), 2);
      assert.deepEqual([...(await records.byIds(TENANT, ids)).keys()].sort(), [first, second, fourth, fifth]);
      assert.equal((await records.byIds(OTHER, ids)).size, 0);
      const texts = await records.textsOf(TENANT, [first, second, third]);
      assert.deepEqual([texts.get(first), texts.get(second), texts.has(third)], [null, "text", false]);
    });

    it("updates what is given and leaves the rest", async () => {
      const file = await records.insert(newFile(), nothing);
      const processedAt = new Date("2025-01-08T10:00:00.123Z");
      const patch = {
        status: "processed",
        extractedContent: "text",
        metadata: { word_count: 1 },
        processedAt,
      } as const;
      await records.update(TENANT, file.id, patch);
      const updated = await records.update(TENANT, file.id, { status: "failed" });
      assert.ok(updated !== null && updated.updatedAt >= file.updatedAt);
      assert.deepEqual(updated, { ...file, ...patch, status: "failed", updatedAt: updated.updatedAt });
      assert.deepEqual(await records.get(TENANT, file.id), updated);
    });

    it("deletes content with the last record that refers to it, of whichever tenant", async () => {
      const deleted: string[] = [];
      const deleteContent = async (key: string) => {
        deleted.push(key);
      };
      const mine = await records.insert(newFile(), nothing);
      const theirs = await records.insert(newFile({ tenantId: OTHER }), nothing);
      await records.update(TENANT, mine.id, { extractedContent: "text" });
      const removed = await records.remove(TENANT, mine.id, deleteContent);
      assert.deepEqual([removed?.status, removed?.extractedContent], ["deleted", null]);
      assert.deepEqual(deleted, []);
      await records.remove(OTHER, theirs.id, deleteContent);
      assert.deepEqual(deleted, ["content-1"]);
      assert.equal(await records.get(TENANT, mine.id), null);
      assert.equal(await records.remove(TENANT, mine.id, deleteContent), null);
    });

    it("keeps the record when its content cannot be deleted", async () => {
      const { id } = await records.insert(newFile(), nothing);
      const failing = records.remove(TENANT, id, async () => {
        throw new Error("store is away");
      });
      await assert.rejects(failing, { message: "store is away" });
      assert.equal((await records.get(TENANT, id))?.status, "uploaded");
    });

    it("never leaves a record without content when one is removed while another is inserted", async () => {
      const contents = new Set<string>();
      const slow = () => sleep(Math.random() * 3);
      const store = async () => {
        const present = contents.has("content-1");
        await slow();
        if (!present) contents.add("content-1");
      };
      const drop = async (key: string) => {
        await slow();
        contents.delete(key);
      };
      // Few at a time, so that the last reference often goes while the next one comes.
      const uploader = async () => {
        for (let round = 0; round < 15; round++) {
          const { id } = await records.insert(newFile(), store);
          assert.ok(contents.has("content-1"), "inserted without content");
          await slow();
          assert.ok(contents.has("content-1"), "content deleted under a record");
          await records.remove(TENANT, id, drop);
        }
      };
      await Promise.all([uploader(), uploader(), uploader()]);
      assert.equal(contents.size, 0);
    });
  });
}
