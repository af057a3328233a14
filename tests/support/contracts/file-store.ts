import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { FileStore } from "../../../engine/files/file-store.ts";

/** A store of its own for each test. */
export interface FileStoreHarness extends AsyncDisposable {
  readonly store: FileStore;
  /** How many files or objects exist in whatever the adapter keeps, staged ones included. */
  count(): Promise<number>;
}

const MAX_BYTES = 1024 * 1024;
const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

/** What every adapter of FileStore must do. */
export function fileStoreContract(name: string, open: () => Promise<FileStoreHarness>): void {
  describe(`file store contract: ${name}`, () => {
    let harness: FileStoreHarness;
    let store: FileStore;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness[Symbol.asyncDispose]());

    async function put(content: string): Promise<string> {
      await using staged = await store.stage(Readable.from([Buffer.from(content)]), { maxBytes: MAX_BYTES });
      await staged.commit();
      return staged.key;
    }

    it("measures and hashes staged content, and lets it be inspected before it is stored", async () => {
      await using staged = await store.stage(Readable.from([Buffer.from("hel"), Buffer.from("lo")]), { maxBytes: 5 });
      assert.equal(staged.size, 5);
      assert.equal(staged.sha256, sha256("hello"));
      assert.equal(await readFile(staged.path, "utf8"), "hello");
      assert.equal(await store.has(staged.key), false);
    });

    it("gives back committed content, whole and by range", async () => {
      const key = await put("hello world");
      const read = async (range?: { start: number; end?: number }) =>
        String(await buffer(await store.open(key, range)));
      assert.equal(await store.has(key), true);
      assert.equal(await read(), "hello world");
      assert.equal(await read({ start: 6 }), "world");
      assert.equal(await read({ start: 0, end: 4 }), "hello");
    });

    it("gives committed content as a local file", async () => {
      await using local = await store.local(await put("hello"));
      assert.equal(await readFile(local.path, "utf8"), "hello");
    });

    it("keeps the same content once, under the same key", async () => {
      const first = await put("same");
      const before = await harness.count();
      assert.equal(await put("same"), first);
      assert.equal(await harness.count(), before);
    });

    it("keeps the same content once when it is stored twice at the same time", async () => {
      const keys = await Promise.all(Array.from({ length: 8 }, () => put("raced")));
      assert.equal(new Set(keys).size, 1);
      assert.equal(await harness.count(), 1);
    });

    it("drops staged content that is not committed", async () => {
      const staged = await store.stage(Readable.from([Buffer.from("dropped")]), { maxBytes: MAX_BYTES });
      await staged[Symbol.asyncDispose]();
      await assert.rejects(access(staged.path));
      assert.equal(await harness.count(), 0);
    });

    it("refuses content over the limit while reading it, and leaves nothing", async () => {
      let produced = 0;
      const endless = Readable.from(
        (function* () {
          for (;;) {
            produced += 64 * 1024;
            yield Buffer.alloc(64 * 1024);
          }
        })(),
      );
      await assert.rejects(store.stage(endless, { maxBytes: MAX_BYTES }), { code: "FILE_TOO_LARGE" });
      assert.ok(produced < 4 * MAX_BYTES, `${produced} bytes were read`);
      assert.equal(await harness.count(), 0);
    });

    it("leaves nothing of a stream that fails", async () => {
      const failing = Readable.from(
        (async function* () {
          yield Buffer.from("part");
          throw new Error("connection reset");
        })(),
      );
      await assert.rejects(store.stage(failing, { maxBytes: MAX_BYTES }), { message: "connection reset" });
      assert.equal(await harness.count(), 0);
    });

    it("leaves nothing of a stream that is destroyed halfway, as by a client that goes away", async () => {
      const stream = new Readable({ read() {} });
      stream.push(Buffer.from("part"));
      const staging = store.stage(stream, { maxBytes: MAX_BYTES });
      setImmediate(() => stream.destroy());
      await assert.rejects(staging, { code: "ERR_STREAM_PREMATURE_CLOSE" });
      assert.equal(await harness.count(), 0);
    });

    it("leaves nothing of a stream that is aborted by the signal", async () => {
      const controller = new AbortController();
      const stream = new Readable({ read() {} });
      stream.push(Buffer.from("part"));
      const staging = store.stage(stream, { maxBytes: MAX_BYTES, signal: controller.signal });
      setImmediate(() => controller.abort());
      await assert.rejects(staging, { name: "AbortError" });
      assert.equal(stream.destroyed, true);
      assert.equal(await harness.count(), 0);
    });

    it("says FILE_NOT_FOUND for content that is not there, and for keys that are none", async () => {
      for (const key of [sha256("absent"), "../../etc/passwd", ""]) {
        assert.equal(await store.has(key), false);
        await assert.rejects(store.open(key), { code: "FILE_NOT_FOUND" });
        await assert.rejects(store.local(key), { code: "FILE_NOT_FOUND" });
        await store.delete(key);
      }
    });

    it("deletes content, and can store it again", async () => {
      const key = await put("again");
      await store.delete(key);
      assert.equal(await store.has(key), false);
      assert.equal(await harness.count(), 0);
      assert.equal(await put("again"), key);
      assert.equal(await store.has(key), true);
    });
  });
}
