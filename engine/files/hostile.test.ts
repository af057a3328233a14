import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { defaultProcessingLimits } from "./processing/processor.ts";
import { lyingZipBomb, pdfBomb, sparseXlsx, zipBomb } from "./testing/bombs.ts";
import { type FilesHarness, openFiles, TENANT } from "./testing/harness.ts";
import { contractPdf, invoiceScan, scannedPdf, xlsx } from "./testing/samples.ts";

/** The service still works after what was done to it. */
async function assertGoesOn(harness: FilesHarness): Promise<void> {
  const { id } = await harness.upload("contract.pdf", await contractPdf());
  assert.equal((await harness.files.extract(TENANT, id)).wordCount, 98);
}

async function assertUnreadable(
  harness: FilesHarness,
  filename: string,
  content: Buffer,
  reason: RegExp,
): Promise<void> {
  const { id } = await harness.upload(filename, content);
  await assert.rejects(harness.files.extract(TENANT, id), { code: "FILE_PROCESSING_FAILED", message: reason });
}

describe("hostile files", () => {
  it("are refused when they declare to unpack to too much", async () => {
    await using harness = await openFiles();
    await assertUnreadable(harness, "bomb.docx", zipBomb(101), /unpacks to more than 104857600 bytes/);
    await assertGoesOn(harness);
  });

  it("are refused when they unpack to more than they declare", async () => {
    await using harness = await openFiles();
    await assertUnreadable(harness, "bomb.docx", lyingZipBomb(101), /too many bytes/);
    await assertGoesOn(harness);
  });

  it("end their thread, and no more, when they fill its heap", async () => {
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, maxHeapMiB: 128 } });
    await assertUnreadable(harness, "sparse.xlsx", sparseXlsx(), /needs more than 128 MiB of memory/);
    await assertGoesOn(harness);
  });

  it("end their thread, and no other, when they swell in buffers", async () => {
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, maxBuffersMiB: 128 } });
    const neighbour = await harness.upload("invoice.png", await invoiceScan());
    const [recognised] = await Promise.all([
      harness.files.ocr(TENANT, neighbour.id, { language: "en" }),
      assertUnreadable(harness, "bomb.pdf", pdfBomb(), /needs more than 128 MiB of memory/),
    ]);
    assert.match(recognised.content, /Northwind/);
    await assertGoesOn(harness);
  });

  it("end their thread when their time is out", async () => {
    const timeLimitMs = { ...defaultProcessingLimits.timeLimitMs, ocr: 300 };
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, timeLimitMs } });
    const { id } = await harness.upload("long.pdf", await scannedPdf(20));
    await assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), {
      code: "FILE_PROCESSING_TIMEOUT",
      message: "The file was not processed within 0.3 s.",
    });
    await assertGoesOn(harness);
  });

  it("are refused for their number of pages before any is recognised", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("long.pdf", await scannedPdf(51));
    await assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), {
      code: "FILE_PROCESSING_FAILED",
      message: /has 51 pages; at most 50 are recognised/,
    });
  });

  it("are refused for their number of pixels", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("huge.png", await hugePng());
    const refused = { code: "FILE_PROCESSING_FAILED", message: /pixel limit/ };
    await assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), refused);
    await assert.rejects(harness.files.convert(TENANT, id, { target: "jpg" }), refused);
  });
});

describe("work on files", () => {
  it("is ended by the signal of its caller, and the next goes on", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("long.pdf", await scannedPdf(20));
    const controller = new AbortController();
    const first = harness.files.ocr(TENANT, id, { language: "en", signal: controller.signal });
    const waiting = harness.files.ocr(TENANT, id, { language: "en", signal: controller.signal });
    const behind = harness.files.ocr(TENANT, (await harness.upload("a.png", await invoiceScan())).id, {
      language: "en",
    });
    controller.abort(new Error("cancelled"));
    await assert.rejects(first, { message: "cancelled" });
    await assert.rejects(waiting, { message: "cancelled" });
    assert.match((await behind).content, /Northwind/);
  });

  it("is ended by close, and leaves no thread behind", async () => {
    const threads: Worker[] = [];
    const remember = (thread: Worker) => threads.push(thread);
    process.on("worker", remember);
    const harness = await openFiles();
    const { id } = await harness.upload("long.pdf", await scannedPdf(20));
    const ended = assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), { code: "SHUTTING_DOWN" });
    await harness.files.extract(TENANT, id);
    await harness[Symbol.asyncDispose]();
    process.off("worker", remember);
    await ended;
    assert.ok(threads.length >= 2, `${threads.length} threads were started`);
    // What a thread that has ended has for an id.
    for (const thread of threads) assert.equal(thread.threadId, -1);
  });

  it("is done for many callers at once", async () => {
    await using harness = await openFiles();
    const uploads = Array.from({ length: 20 }, (_, n) => harness.upload("a.xlsx", xlsx({ Sheet1: [["n"], [n]] })));
    const found = await Promise.all((await Promise.all(uploads)).map(({ id }) => harness.files.extract(TENANT, id)));
    assert.deepEqual(
      found.map(({ rows }) => rows?.[0]?.n),
      Array.from({ length: 20 }, (_, n) => n),
    );
  });
});

/** 8,000 by 8,000 white pixels: small as a file. */
async function hugePng(): Promise<Buffer> {
  const { default: sharp } = await import("sharp");
  return sharp({ create: { width: 8000, height: 8000, channels: 3, background: "white" } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
