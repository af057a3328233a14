import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { type FilesHarness, openFiles, TENANT } from "../../tests/support/files/harness.ts";
import { contractPdf, docx, xlsx } from "../../tests/support/files/samples.ts";
import type { ConversionTarget } from "./conversions.ts";
import { defaultAcceptedExtensions } from "./file-type.ts";

describe("conversion", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles({ acceptedExtensions: [...defaultAcceptedExtensions, "json"] });
  });
  after(() => harness[Symbol.asyncDispose]());

  async function convert(filename: string, content: Buffer | string, target: ConversionTarget) {
    const { id } = await harness.upload(filename, content);
    const file = await harness.files.convert(TENANT, id, { target });
    assert.deepEqual(file.metadata, { source_file_id: id });
    return { file, content: await buffer((await harness.files.openContent(TENANT, file.id)).content) };
  }

  it("makes a CSV into a JSON array of objects", async () => {
    const { file, content } = await convert("people.csv", "name,age\nAnn,41\nBo,\n", "json");
    assert.deepEqual(JSON.parse(String(content)), [
      { name: "Ann", age: "41" },
      { name: "Bo", age: "" },
    ]);
    assert.deepEqual([file.filename, file.mimeType, file.size], ["people.json", "application/json", content.length]);
  });

  it("makes a CSV without rows into an empty array", async () => {
    assert.deepEqual(JSON.parse(String((await convert("empty.csv", "name,age\n", "json")).content)), []);
  });

  it("makes a JSON array of objects into a CSV with the columns of all of them", async () => {
    const json = JSON.stringify([{ a: 1, b: "x,y" }, { a: true, c: { d: [1] } }, { b: null }]);
    const { content } = await convert("a.json", json, "csv");
    assert.equal(String(content), 'a,b,c\n1,"x,y",\ntrue,,"{""d"":[1]}"\n,,\n');
  });

  it("refuses JSON that is no array of objects", async () => {
    for (const json of ["{}", "[1]", "nonsense"]) {
      await assert.rejects(convert("a.json", json, "csv"), { code: "FILE_PROCESSING_FAILED", message: /JSON/ });
    }
  });

  it("makes the first sheet of an XLSX into a CSV", async () => {
    const { content } = await convert(
      "a.xlsx",
      xlsx({
        One: [
          ["a", "b"],
          [1, 'say "x"'],
        ],
        Two: [["no"]],
      }),
      "csv",
    );
    assert.equal(String(content), 'a,b\n1,"say ""x"""\n');
  });

  it("makes a DOCX into Markdown and into text", async () => {
    const letter = docx("Title", "Some words are");
    const markdown = await convert("letter.docx", letter, "markdown");
    assert.equal(String(markdown.content), "# Title\n\nSome words are **bold**\n");
    assert.equal(markdown.file.filename, "letter.md");
    assert.equal(String((await convert("letter.docx", letter, "text")).content), "Title\n\nSome words are bold\n");
  });

  it("makes images into each other, on white where there is no transparency", async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const png = await sharp({ create: { width: 8, height: 6, channels: 4, background: clear } })
      .png()
      .toBuffer();
    const jpg = (await convert("a.png", png, "jpg")).content;
    const webp = (await convert("a.jpeg", jpg, "webp")).content;
    assert.deepEqual([(await sharp(jpg).metadata()).format, (await sharp(webp).metadata()).format], ["jpeg", "webp"]);
    assert.deepEqual(
      [...(await sharp(jpg).extract({ left: 3, top: 3, width: 1, height: 1 }).raw().toBuffer())],
      [255, 255, 255],
    );
  });

  it("says which types convert into the target", async () => {
    await assert.rejects(convert("a.pdf", await contractPdf(), "png"), {
      code: "FILE_TYPE_NOT_ALLOWED",
      message: "convert to png takes jpg, webp; the file is pdf.",
    });
  });

  it("gives the same file again for the same idempotency key, and another for another", async () => {
    const { id } = await harness.upload("again.csv", "n\n1\n");
    const options = { target: "json", idempotencyKey: "execution-1-step-2" } as const;
    const [first, second] = await Promise.all([
      harness.files.convert(TENANT, id, options),
      harness.files.convert(TENANT, id, options),
    ]);
    assert.equal(first.id, second.id);
    assert.equal((await harness.files.convert(TENANT, id, options)).id, first.id);
    const other = await harness.files.convert(TENANT, id, { ...options, idempotencyKey: "execution-2-step-2" });
    assert.notEqual(other.id, first.id);
  });

  it("refuses a table that swells beyond the bound, and leaves nothing", async () => {
    const { id } = await harness.upload("swell.csv", `${"x".repeat(500_000)}\n${"1\n".repeat(1000)}`);
    const before = await harness.stored();
    await assert.rejects(harness.files.convert(TENANT, id, { target: "json" }), {
      code: "FILE_PROCESSING_FAILED",
      message: /would exceed/,
    });
    assert.equal(await harness.stored(), before);
  });
});
