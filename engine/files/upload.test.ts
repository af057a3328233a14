import assert from "node:assert/strict";
import { pbkdf2 } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import sharp from "sharp";
import { type FilesHarness, openFiles, TENANT } from "../../tests/support/files/harness.ts";
import { contractPdf, docx, invoiceScan, oldWord, xlsx } from "../../tests/support/files/samples.ts";
import { tenantNamed } from "../model/index.ts";

const OTHER = tenantNamed("tenant-b");

describe("uploads", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles({ maxUploadBytes: 1024 * 1024 });
  });
  after(() => harness[Symbol.asyncDispose]());

  const pixel = () => sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } });
  const png = () => pixel().png().toBuffer();
  const jpg = () => pixel().jpeg().toBuffer();
  const table = xlsx({ Sheet1: [["a"]] });
  const letter = docx("Title", "Text");

  const accepted: readonly [filename: string, content: () => Promise<Buffer> | Buffer | string, mimeType: string][] = [
    ["contract.pdf", contractPdf, "application/pdf"],
    ["scan.png", invoiceScan, "image/png"],
    ["photo.jpg", jpg, "image/jpeg"],
    ["photo.JPEG", jpg, "image/jpeg"],
    ["old.doc", () => oldWord(), "application/msword"],
    ["new.docx", () => letter, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["table.xlsx", () => table, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ["table.csv", () => "a,b\n1,2\n", "text/csv"],
    ["notes.txt", () => "BM is how bitmaps begin, and this is text: äöü 報告", "text/plain"],
  ];
  for (const [filename, content, mimeType] of accepted) {
    it(`accepts ${filename} as ${mimeType}`, async () => {
      const sent = Buffer.from(await content());
      const file = await harness.upload(filename, sent);
      assert.equal(file.mimeType, mimeType);
      assert.equal(file.status, "uploaded");
      assert.equal(file.size, sent.length);
      const opened = await harness.files.openContent(TENANT, file.id);
      assert.deepEqual(await buffer(opened.content), sent);
    });
  }

  const refused: readonly [
    what: string,
    filename: string,
    content: () => Promise<Buffer> | Buffer | string,
    names: RegExp,
  ][] = [
    ["a PNG named pdf", "a.pdf", png, /says pdf, the content is png/],
    ["a PDF named txt", "a.txt", contractPdf, /says txt, the content is pdf/],
    ["a PDF named png", "a.png", contractPdf, /says png, the content is pdf/],
    ["an xlsx named docx", "a.docx", () => table, /says docx, the content is xlsx/],
    ["text named pdf", "a.pdf", () => "hello", /says pdf, the content is plain text/],
    ["binary content named txt", "a.txt", () => Buffer.from([1, 0, 2, 3]), /says txt, the content is of no known type/],
    [
      "text in Latin-1 named csv",
      "a.csv",
      () => Buffer.from("M\xe4rz,1", "latin1"),
      /says csv, the content is of no known/,
    ],
    [
      "text cut within a character",
      "a.txt",
      () => Buffer.from("ä").subarray(0, 1),
      /says txt, the content is of no known/,
    ],
    ["an old Excel file named doc", "a.doc", () => oldWord("Workbook"), /says doc, the content is an OLE container/],
    [
      "an executable named png",
      "a.png",
      () => Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0"),
      /says png, the content is exe/,
    ],
    ["a PNG that is a zip too", "a.png", async () => Buffer.concat([await png(), letter]), /png and zip at once/],
    ["a JPEG that is a zip too", "a.jpg", async () => Buffer.concat([await jpg(), letter]), /jpg and zip at once/],
    [
      "a PDF that is a zip too",
      "a.pdf",
      async () => Buffer.concat([await contractPdf(), letter]),
      /pdf and zip at once/,
    ],
    [
      "a PNG that is a PDF too",
      "a.png",
      async () => Buffer.concat([await png(), await contractPdf()]),
      /png and pdf at once/,
    ],
    ["an empty file", "a.txt", () => "", /empty/],
    ["an extension that is not accepted", "a.exe", () => "MZ", /Files named \.exe are not accepted; accepted: pdf/],
    ["a type that is known, but not accepted", "a.json", () => "{}", /Files named \.json are not accepted/],
    ["a name without extension", "README", () => "hello", /no extension/],
  ];
  for (const [what, filename, content, names] of refused) {
    it(`refuses ${what}, and keeps nothing of it`, async () => {
      const before = await harness.stored();
      await assert.rejects(harness.upload(filename, await content()), {
        code: "FILE_TYPE_NOT_ALLOWED",
        message: names,
      });
      assert.equal(await harness.stored(), before);
    });
  }

  it("keeps the base name of a path that a client sends", async () => {
    const file = await harness.upload("../../etc/passwd.txt", "root");
    assert.equal(file.filename, "passwd.txt");
    assert.equal(file.originalFilename, "../../etc/passwd.txt");
  });

  it("refuses what is larger than the limit, and keeps nothing of it", async () => {
    const before = await harness.stored();
    // The pool that opens files is busy, so that the refusal comes first.
    const busy = Array.from({ length: 8 }, () => promisify(pbkdf2)("x", "y", 300_000, 64, "sha512"));
    await assert.rejects(harness.upload("large.txt", "x".repeat(1024 * 1024 + 1)), { code: "FILE_TOO_LARGE" });
    await Promise.all(busy);
    assert.equal(await harness.stored(), before);
  });

  it("destroys the stream of an upload that it refuses", async () => {
    for (const filename of ["a.exe", "..", "a.txt"]) {
      const content = Readable.from([Buffer.alloc(2 * 1024 * 1024)]);
      await assert.rejects(harness.files.upload(content, { tenantId: TENANT, filename }));
      assert.equal(content.destroyed, true);
    }
  });

  it("keeps nothing of an upload that is aborted", async () => {
    const before = await harness.stored();
    const content = new Readable({ read() {} });
    content.push("part");
    const controller = new AbortController();
    const { signal } = controller;
    const uploading = harness.files.upload(content, { tenantId: TENANT, filename: "a.txt", signal });
    setImmediate(() => controller.abort());
    await assert.rejects(uploading, { name: "AbortError" });
    assert.equal(await harness.stored(), before);
  });
});

describe("files of tenants", () => {
  it("share content until the last record of it is removed", async () => {
    await using harness = await openFiles();
    const { files } = harness;
    const mine = await harness.upload("a.txt", "shared");
    const theirs = await files.upload(Readable.from([Buffer.from("shared")]), {
      tenantId: OTHER,
      filename: "b.txt",
    });
    assert.equal(await harness.stored(), 1);

    await files.remove(TENANT, mine.id);
    assert.equal(String(await buffer((await files.openContent(OTHER, theirs.id)).content)), "shared");
    await files.remove(OTHER, theirs.id);
    assert.equal(await harness.stored(), 0);
  });

  it("are not found by other tenants, nor once removed", async () => {
    await using harness = await openFiles();
    const { files } = harness;
    const { id } = await harness.upload("a.txt", "private");
    const notFound = { code: "FILE_NOT_FOUND" };
    await assert.rejects(files.get(OTHER, id), notFound);
    await assert.rejects(files.remove(OTHER, id), notFound);
    assert.deepEqual(await files.list(OTHER, { limit: 10, offset: 0 }), []);

    assert.equal((await files.remove(TENANT, id)).status, "deleted");
    for (const call of [files.get, files.extract, files.process, files.openContent, files.remove]) {
      await assert.rejects(call(TENANT, id), notFound);
    }
    const deleted = await files.list(TENANT, { status: "deleted", limit: 10, offset: 0 });
    assert.deepEqual(
      deleted.map((file) => file.id),
      [id],
    );
  });

  it("open by range", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.txt", "0123456789");
    const { content } = await harness.files.openContent(TENANT, id, { start: 2, end: 4 });
    assert.equal(String(await buffer(content)), "234");
  });
});
