import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import {
  cellBeyondTheLast,
  deepDocx,
  loopingPdf,
  lyingZipBomb,
  pdfBomb,
  rowBeyondTheLast,
  sparseXlsx,
  styledToTheEnd,
  vastPng,
  zipBomb,
} from "../../tests/support/files/bombs.ts";
import { type FilesHarness, openFiles, TENANT } from "../../tests/support/files/harness.ts";
import { contractPdf, invoiceScan, scannedPdf, xlsx } from "../../tests/support/files/samples.ts";
import { type DomainError, tenantNamed } from "../model/index.ts";
import { defaultProcessingLimits } from "./processing/processor.ts";

const OTHER = tenantNamed("tenant-b");

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
    await assertUnreadable(harness, "bomb.docx", lyingZipBomb(101), /unpacks to more than it declares/);
    await assertGoesOn(harness);
  });

  it("are refused at once for cells where none can be, or too far apart", async () => {
    await using harness = await openFiles();
    const beyond = /beyond row 1048576 or column XFD/;
    await assertUnreadable(harness, "a.xlsx", cellBeyondTheLast(), beyond);
    await assertUnreadable(harness, "a.xlsx", cellBeyondTheLast("A1048577"), beyond);
    await assertUnreadable(harness, "a.xlsx", rowBeyondTheLast("99999999"), beyond);
    await assertUnreadable(harness, "a.xlsx", rowBeyondTheLast("1e9"), /an address that is none/);
    await assertUnreadable(harness, "a.xlsx", cellBeyondTheLast("ZZZ&#90;1"), /an address that is none/);
    await assertUnreadable(harness, "a.xlsx", sparseXlsx(), /1048576 rows and 16384 columns has 2 filled cells/);
  });

  it("cost what they hold: cells that are styled and empty are none", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.xlsx", styledToTheEnd(2_000));
    const found = await harness.files.extract(TENANT, id);
    assert.deepEqual([found.rowCount, found.rows?.[0]], [1_999, { "1": 2 }]);
  });

  it("are refused for their number of columns", async () => {
    await using harness = await openFiles();
    await assertUnreadable(harness, "a.csv", Buffer.from(",".repeat(16_384)), /more than 16384 columns/);
  });

  it("are damaged in our words when they nest too deeply for a library", async () => {
    await using harness = await openFiles();
    await assertUnreadable(harness, "a.docx", deepDocx(100_000), /it is damaged, or no docx that can be read\.$/);
    await assertGoesOn(harness);
  });

  it("are refused when their parts draw each other, and nothing", async () => {
    const timeLimitMs = { ...defaultProcessingLimits.timeLimitMs, ocr: 600_000 };
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, timeLimitMs } });
    const { id } = await harness.upload("loop.pdf", loopingPdf(2));
    await assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), {
      code: "FILE_PROCESSING_FAILED",
      message: /needs more memory than it may have/,
    });
  });

  it("hold up no other tenant while their time runs", async () => {
    const timeLimitMs = { ...defaultProcessingLimits.timeLimitMs, ocr: 600_000 };
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, timeLimitMs } });
    const { id } = await harness.upload("loop.pdf", loopingPdf(5));
    // By close(), or before by its memory.
    const cut = ({ code }: DomainError) => code === "SHUTTING_DOWN" || code === "FILE_PROCESSING_FAILED";
    const hung = [1, 2, 3].map(() => assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), cut));
    const other = await harness.files.upload(Readable.from([await invoiceScan()]), {
      tenantId: OTHER,
      filename: "a.png",
    });
    assert.match((await harness.files.ocr(OTHER, other.id, { language: "en" })).content, /Northwind/);
    await harness.files.close();
    await Promise.all(hung);
  });

  it("end their process, and no other, when they swell", async () => {
    await using harness = await openFiles({ processing: { ...defaultProcessingLimits, maxMemoryMiB: 300 } });
    const neighbour = await harness.upload("contract.pdf", await contractPdf());
    const swelling = assertUnreadable(harness, "bomb.pdf", pdfBomb(), /needs more memory than it may have/);
    const others = await harness.files.upload(Readable.from([await contractPdf()]), {
      tenantId: OTHER,
      filename: "contract.pdf",
    });
    assert.equal((await harness.files.extract(OTHER, others.id)).wordCount, 98);
    assert.equal((await harness.files.extract(TENANT, neighbour.id)).wordCount, 98);
    await swelling;
    await assertGoesOn(harness);
  });

  it("end their process when their time is out", async () => {
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
    const { id } = await harness.upload("huge.png", vastPng(100_000, 100_000));
    const refused = { code: "FILE_PROCESSING_FAILED", message: /has 100000 by 100000 pixels; at most 50000000/ };
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

  it("is ended by close", async () => {
    const harness = await openFiles();
    const { id } = await harness.upload("long.pdf", await scannedPdf(20));
    const ended = assert.rejects(harness.files.ocr(TENANT, id, { language: "en" }), { code: "SHUTTING_DOWN" });
    await harness.files.extract(TENANT, id);
    await harness[Symbol.asyncDispose]();
    await ended;
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
