import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Window } from "../model/window.ts";
import type { FileRecords, FileStatus, NewFile } from "./file-records.ts";

/** Empty records for each test. */
export interface FileRecordsHarness extends AsyncDisposable {
  readonly records: FileRecords;
}

const nothing = async () => {};

function newFile(change: Partial<NewFile> = {}): NewFile {
  return {
    tenantId: "tenant-a",
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
      assert.deepEqual(await records.get("tenant-a", id), file);
    });

    it("inserts nothing when the content cannot be stored", async () => {
      const failing = records.insert(newFile(), async () => {
        throw new Error("disk full");
      });
      await assert.rejects(failing, { message: "disk full" });
      assert.deepEqual(await records.list("tenant-a", { limit: 10, offset: 0 }), []);
    });

    it("inserts once per tenant and idempotency key, also at the same time", async () => {
      const keyed = newFile({ idempotencyKey: "step-1" });
      const made = await Promise.all(Array.from({ length: 5 }, () => records.insert(keyed, nothing)));
      const again = await records.insert({ ...keyed, storageKey: "content-2", filename: "b.txt" }, nothing);
      assert.deepEqual(new Set([...made, again].map((file) => file.id)), new Set([made[0]?.id]));
      assert.equal((await records.findByIdempotencyKey("tenant-a", "step-1"))?.id, again.id);
      assert.equal(await records.findByIdempotencyKey("tenant-b", "step-1"), null);
      assert.notEqual((await records.insert({ ...keyed, tenantId: "tenant-b" }, nothing)).id, again.id);
    });

    it("frees the idempotency key of a removed file", async () => {
      const keyed = newFile({ idempotencyKey: "step-1" });
      const first = await records.insert(keyed, nothing);
      await records.remove("tenant-a", first.id, nothing);
      assert.equal(await records.findByIdempotencyKey("tenant-a", "step-1"), null);
      assert.notEqual((await records.insert(keyed, nothing)).id, first.id);
    });

    it("hides a tenant's files from others", async () => {
      const { id } = await records.insert(newFile(), nothing);
      assert.equal(await records.get("tenant-b", id), null);
      assert.equal(await records.update("tenant-b", id, { status: "failed" }), null);
      assert.equal(await records.remove("tenant-b", id, () => assert.fail("content deleted")), null);
      assert.deepEqual(await records.list("tenant-b", { limit: 10, offset: 0 }), []);
      assert.equal((await records.get("tenant-a", id))?.status, "uploaded");
    });

    it("lists newest first, by status, in pages, and the deleted only when asked", async () => {
      const ids: number[] = [];
      for (let n = 0; n < 4; n++) ids.push((await records.insert(newFile(), nothing)).id);
      const [first = 0, second = 0, third = 0, fourth = 0] = ids;
      await records.update("tenant-a", second, { status: "processed" });
      await records.remove("tenant-a", third, nothing);
      const list = async (query: Partial<Parameters<FileRecords["list"]>[1]>) =>
        (await records.list("tenant-a", { limit: 10, offset: 0, ...query })).map((file) => file.id);
      assert.deepEqual(await list({}), [fourth, second, first]);
      assert.deepEqual(await list({ limit: 1, offset: 1 }), [second]);
      assert.deepEqual(await list({ status: "processed" }), [second]);
      assert.deepEqual(await list({ status: "deleted" }), [third]);
    });

    it("pages by cursor in both directions, counts, and reads texts only when asked", async () => {
      const ids: number[] = [];
      for (let n = 0; n < 5; n++) ids.push((await records.insert(newFile(), nothing)).id);
      const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = ids;
      await records.insert(newFile({ tenantId: "tenant-b" }), nothing);
      await records.update("tenant-a", second, { status: "processed", extractedContent: "text" });
      await records.update("tenant-a", fourth, { status: "failed" });
      await records.remove("tenant-a", third, nothing);
      const page = async (statuses: readonly FileStatus[] | null, window: Partial<Window>) => {
        const all = { limit: 2, after: null, before: null, fromEnd: false, ...window };
        const { items, hasMore } = await records.window("tenant-a", statuses, all);
        return [items.map(({ id }) => id), hasMore];
      };
      assert.deepEqual(await page(null, {}), [[fifth, fourth], true]);
      assert.deepEqual(await page(null, { after: fourth }), [[second, first], false]);
      assert.deepEqual(await page(null, { fromEnd: true, before: first }), [[fourth, second], true]);
      assert.deepEqual(await page(["failed", "processed", "failed"], {}), [[fourth, second], false]);
      assert.deepEqual(await page(["deleted"], {}), [[third], false]);
      assert.equal(await records.count("tenant-a", null), 4);
      assert.equal(await records.count("tenant-a", ["deleted", "failed"]), 2);
      assert.deepEqual([...(await records.byIds("tenant-a", ids)).keys()].sort(), [first, second, fourth, fifth]);
      assert.equal((await records.byIds("tenant-b", ids)).size, 0);
      const texts = await records.textsOf("tenant-a", [first, second, third]);
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
      await records.update("tenant-a", file.id, patch);
      const updated = await records.update("tenant-a", file.id, { status: "failed" });
      assert.ok(updated !== null && updated.updatedAt >= file.updatedAt);
      assert.deepEqual(updated, { ...file, ...patch, status: "failed", updatedAt: updated.updatedAt });
      assert.deepEqual(await records.get("tenant-a", file.id), updated);
    });

    it("deletes content with the last record that refers to it, of whichever tenant", async () => {
      const deleted: string[] = [];
      const deleteContent = async (key: string) => {
        deleted.push(key);
      };
      const mine = await records.insert(newFile(), nothing);
      const theirs = await records.insert(newFile({ tenantId: "tenant-b" }), nothing);
      await records.update("tenant-a", mine.id, { extractedContent: "text" });
      const removed = await records.remove("tenant-a", mine.id, deleteContent);
      assert.deepEqual([removed?.status, removed?.extractedContent], ["deleted", null]);
      assert.deepEqual(deleted, []);
      await records.remove("tenant-b", theirs.id, deleteContent);
      assert.deepEqual(deleted, ["content-1"]);
      assert.equal(await records.get("tenant-a", mine.id), null);
      assert.equal(await records.remove("tenant-a", mine.id, deleteContent), null);
    });

    it("keeps the record when its content cannot be deleted", async () => {
      const { id } = await records.insert(newFile(), nothing);
      const failing = records.remove("tenant-a", id, async () => {
        throw new Error("store is away");
      });
      await assert.rejects(failing, { message: "store is away" });
      assert.equal((await records.get("tenant-a", id))?.status, "uploaded");
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
          await records.remove("tenant-a", id, drop);
        }
      };
      await Promise.all([uploader(), uploader(), uploader()]);
      assert.equal(contents.size, 0);
    });
  });
}
