import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { type FilesHarness, openFiles, TENANT } from "../../tests/support/files/harness.ts";
import { filledForm, HELVETICA, pageOf } from "../../tests/support/files/pdf.ts";
import { contractPdf, docx, invoiceScan, oldWord, scannedPdf, xlsx } from "../../tests/support/files/samples.ts";

/** A font of Japan that is only named, and text in Shift JIS. */
const NAMED_FONT =
  "<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0" +
  "/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>";
const NAMED_TEXT = "BT /F1 12 Tf 72 700 Td <90bf8b818f91> Tj ET";

describe("extraction", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles();
  });
  after(() => harness[Symbol.asyncDispose]());

  const extract = async (filename: string, content: Buffer | string) =>
    harness.files.extract(TENANT, (await harness.upload(filename, content)).id);

  it("reads the text layer of a PDF", async () => {
    const found = await extract("contract.pdf", await contractPdf());
    assert.match(found.content, /^Service Agreement\nThis agreement is made between Northwind Storage Ltd/);
    assert.equal(found.pageCount, 1);
    assert.equal(found.wordCount, 98);
    assert.equal(found.mimeType, "application/pdf");
  });

  it("finds no text in a scanned PDF", async () => {
    const found = await extract("scan.pdf", await scannedPdf(2));
    assert.deepEqual([found.content, found.wordCount, found.pageCount], ["", 0, 2]);
  });

  it("reads text in fonts that a PDF only names, in an encoding of their country", async () => {
    const found = await extract("invoice.pdf", pageOf(NAMED_TEXT, NAMED_FONT));
    assert.equal(found.content, "請求書");
  });

  it("keeps the lines of a PDF, and the hyphen of a word that is divided", async () => {
    const lines = "BT /F1 12 Tf 14 TL 72 700 Td (a mani-) Tj T* (pulated word) Tj T* (and more) Tj ET";
    const found = await extract("lines.pdf", pageOf(lines, HELVETICA));
    assert.equal(found.content, "a mani-\npulated word\nand more");
  });

  it("says that a PDF is encrypted", async () => {
    const key = "00".repeat(32);
    const encrypted = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${key}>/U<${key}>>>/ID[<00><00>]`;
    await assert.rejects(extract("secret.pdf", pageOf("BT ET", HELVETICA, encrypted)), {
      code: "FILE_PROCESSING_FAILED",
      message: "The file cannot be processed: the PDF is encrypted.",
    });
  });

  it("reads the paragraphs of a DOCX", async () => {
    const found = await extract("letter.docx", docx("Title", "Some words are"));
    assert.deepEqual([found.content, found.wordCount, found.charCount], ["Title\n\nSome words are bold", 5, 26]);
  });

  it("reads all sheets of an XLSX as text, and the first one as rows", async () => {
    const sheets = {
      People: [
        ["name", "age", "name"],
        ["Ann", 41, "x"],
        ["Bo", 7],
      ],
      Towns: [["town"], ["Oslo"]],
    };
    const found = await extract("people.xlsx", xlsx(sheets));
    assert.equal(found.content, "People\nname,age,name\nAnn,41,x\nBo,7,\n\nTowns\ntown\nOslo");
    assert.deepEqual([found.sheetCount, found.rowCount], [2, 2]);
    assert.deepEqual(found.rows, [
      { name: "Ann", age: 41, name_2: "x" },
      { name: "Bo", age: 7, name_2: null },
    ]);
  });

  it("reads a CSV with a byte order mark, semicolons, quotes and ragged rows", async () => {
    const found = await extract("a.csv", '\ufeffname;"note; here";\r\n"Ann";"said ""hi""\nthere";1\r\n\r\nBo\r\n');
    assert.equal(found.rowCount, 2);
    assert.deepEqual(found.rows, [
      { name: "Ann", "note; here": 'said "hi"\nthere', column_3: "1" },
      { name: "Bo", "note; here": null, column_3: null },
    ]);
    assert.ok(found.content.startsWith("name;"));
  });

  it("keeps a column named __proto__ a plain column", async () => {
    const found = await extract("a.csv", "__proto__,b\nx,y\n");
    assert.deepEqual(Object.entries(found.rows?.[0] ?? {}), [
      ["__proto__", "x"],
      ["b", "y"],
    ]);
  });

  it("counts all rows of a long table, and lists the first thousand", async () => {
    const found = await extract("a.csv", `n\n${Array.from({ length: 1500 }, (_, n) => n).join("\n")}\n`);
    assert.deepEqual([found.rowCount, found.rows?.length, found.truncated], [1500, 1000, true]);
  });

  it("bounds the listed rows by their size, too", async () => {
    const found = await extract("a.csv", `${"long".repeat(50_000)},b\n${"1,2\n".repeat(900)}`);
    assert.deepEqual([found.rowCount, found.rows?.length, found.truncated], [900, 5, true]);
  });

  it("cuts text at 5 MiB between characters, and counts all of it", async () => {
    const text = "äö ".repeat(1_200_000);
    const found = await extract("a.txt", text);
    assert.equal(found.truncated, true);
    assert.ok(Buffer.byteLength(found.content) <= 5 * 1024 * 1024 && !found.content.includes("\ufffd"));
    assert.deepEqual([found.wordCount, found.charCount], [1_200_000, 3_600_000]);
  });

  it("says what it takes when a type has no text to extract", async () => {
    const refused = { code: "FILE_TYPE_NOT_ALLOWED", message: /extract takes pdf, docx, .*; the file is/ };
    await assert.rejects(extract("a.png", await invoiceScan()), refused);
    await assert.rejects(extract("a.doc", oldWord()), refused);
  });

  it("says that a damaged file cannot be processed", async () => {
    const damaged = (await contractPdf()).subarray(0, 600);
    await assert.rejects(extract("a.pdf", damaged), { code: "FILE_PROCESSING_FAILED" });
    await assert.rejects(extract("a.csv", 'a,b\n"unclosed'), { code: "FILE_PROCESSING_FAILED", message: /quote/i });
  });
});

describe("optical character recognition", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles();
  });
  after(() => harness[Symbol.asyncDispose]());

  const recognise = async (filename: string, content: Buffer, language = "en") =>
    harness.files.ocr(TENANT, (await harness.upload(filename, content)).id, { language });

  function assertIsInvoice(content: string): void {
    for (const words of ["Northwind Storage Ltd", "INV-2025-0417", "Acme Manufacturing", "Packing table", "1,444.20"]) {
      assert.ok(content.includes(words), `${words} is missing in:\n${content}`);
    }
  }

  it("reads the scanned invoice", async () => {
    const found = await recognise("invoice.png", await invoiceScan());
    assertIsInvoice(found.content);
    assert.ok(found.wordCount > 90 && found.confidence > 80, `${found.wordCount} words at ${found.confidence}`);
    assert.deepEqual([found.source, found.pageCount, found.language, found.mimeType], ["ocr", 1, "en", "image/png"]);
  });

  for (const degrees of [-4, 9]) {
    it(`reads a page that was fed ${degrees} degrees askew`, async () => {
      const askew = sharp(await invoiceScan()).rotate(degrees, { background: "white" });
      const found = await recognise("askew.png", await askew.png().toBuffer());
      assertIsInvoice(found.content);
      assert.ok(found.confidence > 80, `confidence is ${found.confidence}`);
    });
  }

  it("reads what was filled into the fields of a form", async () => {
    const found = await recognise("form.pdf", filledForm("Lovelace 98765"));
    assert.match(found.content, /Lovelace 98765/);
    assert.equal(found.source, "ocr");
  });

  it("keeps a few words of a text layer where it finds none", async () => {
    const found = await recognise("invoice.pdf", pageOf(NAMED_TEXT, NAMED_FONT));
    assert.deepEqual([found.content, found.source], ["請求書", "text_layer"]);
  });

  it("reads a scanned PDF page by page", async () => {
    const found = await recognise("scan.pdf", await scannedPdf(2));
    const pages = found.content.split(/(?=Northwind Storage Ltd)/);
    assert.equal(pages.length, 2);
    pages.forEach(assertIsInvoice);
    assert.deepEqual([found.source, found.pageCount], ["ocr", 2]);
  });

  it("takes the text layer of a PDF that has one", async () => {
    const found = await recognise("contract.pdf", await contractPdf());
    assert.match(found.content, /four\nhundred pallets/);
    assert.deepEqual([found.source, found.confidence], ["text_layer", 100]);
  });

  it("names the languages it has when asked for another", async () => {
    for (const language of ["de", "__proto__", "../eng"]) {
      await assert.rejects(recognise("invoice.png", await invoiceScan(), language), {
        code: "VALIDATION_FAILED",
        message: /is not installed; available: en/,
      });
    }
  });

  it("goes on after an image that cannot be decoded", async () => {
    const cut = (await invoiceScan()).subarray(0, 2000);
    await assert.rejects(recognise("cut.png", cut), { code: "FILE_PROCESSING_FAILED" });
    assertIsInvoice((await recognise("invoice.png", await invoiceScan())).content);
  });
});

describe("processing a file", () => {
  it("keeps text and counts in the record", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.csv", "n\n1\n2\n");
    const file = await harness.files.process(TENANT, id);
    assert.equal(file.status, "processed");
    assert.equal(file.extractedContent, "n\n1\n2\n");
    assert.deepEqual(file.metadata, { word_count: 3, char_count: 6, truncated: false, row_count: 2 });
    assert.ok(file.processedAt instanceof Date);
  });

  it("recognises images", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.png", await invoiceScan());
    const file = await harness.files.process(TENANT, id);
    assert.match(file.extractedContent ?? "", /Northwind Storage/);
    assert.equal(file.metadata.source, "ocr");
  });

  it("says in the record why it failed", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.csv", 'a,b\n"unclosed');
    const file = await harness.files.process(TENANT, id);
    assert.equal(file.status, "failed");
    assert.match(String(file.metadata.error), /cannot be processed/);
  });

  it("leaves the record as it was when the work is aborted", async () => {
    await using harness = await openFiles();
    const { id } = await harness.upload("a.png", await invoiceScan());
    await assert.rejects(harness.files.process(TENANT, id, AbortSignal.abort()), { name: "AbortError" });
    assert.equal((await harness.files.get(TENANT, id)).status, "uploaded");
  });
});

describe("the text of a file", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles();
  });
  after(() => harness[Symbol.asyncDispose]());

  it("is found now, and the record stays as it was, until process() has kept it", async () => {
    const before = await harness.upload("a.csv", "n\n1\n2\n");
    const found = await harness.files.text(TENANT, before.id);
    assert.deepEqual(found, {
      content: "n\n1\n2\n",
      metadata: { word_count: 3, char_count: 6, truncated: false, row_count: 2 },
    });
    assert.deepEqual(await harness.files.get(TENANT, before.id), before);
    await harness.files.process(TENANT, before.id);
    assert.deepEqual(await harness.files.text(TENANT, before.id), found);
  });

  it("is looked for in images and scans, unless that was not wanted and nothing is kept", async () => {
    const { id } = await harness.upload("a.png", await invoiceScan());
    const onlyRead = { recognise: false, language: "en" };
    await assert.rejects(harness.files.text(TENANT, id, onlyRead), {
      code: "FILE_TYPE_NOT_ALLOWED",
      message: "Reading takes pdf, docx, xlsx, csv, txt, json, markdown; the file is png.",
    });
    const found = await harness.files.text(TENANT, id);
    assert.match(found.content, /Northwind Storage/);
    assert.equal(found.metadata.source, "ocr");
    await harness.files.process(TENANT, id);
    assert.deepEqual(await harness.files.text(TENANT, id, onlyRead), found);
  });

  it("is read, not recognised, where there is a text to read", async () => {
    const { id } = await harness.upload("a.txt", "some words");
    assert.equal((await harness.files.text(TENANT, id, { recognise: true, language: "en" })).content, "some words");
  });

  it("is refused for a type without any, a damaged file and an unknown language; nothing of it is kept", async () => {
    const old = await harness.upload("a.doc", oldWord());
    const damaged = await harness.upload("b.csv", 'a,b\n"unclosed');
    await assert.rejects(harness.files.text(TENANT, old.id), { code: "FILE_TYPE_NOT_ALLOWED", message: /is doc/ });
    await assert.rejects(harness.files.text(TENANT, damaged.id), { code: "FILE_PROCESSING_FAILED" });
    await harness.files.process(TENANT, damaged.id);
    await assert.rejects(harness.files.text(TENANT, damaged.id), { code: "FILE_PROCESSING_FAILED" });
    const options = { recognise: false, language: "de" };
    await assert.rejects(harness.files.text(TENANT, old.id, options), { code: "VALIDATION_FAILED" });
    assert.deepEqual(await harness.files.get(TENANT, old.id), old);
  });
});
