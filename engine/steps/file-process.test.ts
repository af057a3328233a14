import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type FilesHarness, openFiles, TENANT } from "../../tests/support/files/harness.ts";
import { contractPdf, docx, invoiceScan } from "../../tests/support/files/samples.ts";
import { tenantNamed } from "../model/index.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { StepContext } from "../model/step-type.ts";
import { fileProcess } from "./file-process.ts";

describe("file_process", () => {
  let harness: FilesHarness;
  before(async () => {
    harness = await openFiles();
  });
  after(() => harness[Symbol.asyncDispose]());

  async function run(config: JsonObject, trigger: JsonValue = null, tenantId = TENANT): Promise<JsonObject> {
    const step = fileProcess(harness.files);
    const context: StepContext = {
      executionId: 1,
      workflowId: 1,
      tenantId,
      stepName: "file",
      attempt: 1,
      idempotencyKey: "1:file",
      traceparent: null,
      trigger,
      previousOutput: null,
      now: () => 0,
      outputs: () => ({}),
      saga: () => ({ id: "", correlationId: "" }),
      memory: { grow: () => null, shrink: () => {} },
      signal: new AbortController().signal,
      log: () => {},
    };
    const output = await step.run(step.config.parse(config), context);
    assert.deepEqual(step.output.parse(output), output);
    return output as JsonObject;
  }

  it("validates, with the documented fields and no others", async () => {
    const { id, size } = await harness.upload("contract.pdf", await contractPdf());
    const rules = { action: "validate", allowed_types: ["pdf", "jpg", "png"], max_size_mb: 10 };
    assert.deepEqual(await run({ ...rules, file_id: id }), {
      valid: true,
      size,
      mime_type: "application/pdf",
      filename: "contract.pdf",
      extension: "pdf",
    });
  });

  it("takes the file of the trigger when it names none, as a number or as digits", async () => {
    const { id } = await harness.upload("a.txt", "text");
    for (const file_id of [id, String(id)]) {
      assert.equal((await run({ action: "validate" }, { file_id })).filename, "a.txt");
      assert.equal((await run({ action: "validate", file_id })).filename, "a.txt");
    }
  });

  it("takes jpg and jpeg for the same", async () => {
    const { default: sharp } = await import("sharp");
    const image = sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } }).jpeg();
    const { id } = await harness.upload("photo.jpeg", await image.toBuffer());
    assert.equal((await run({ action: "validate", file_id: id, allowed_types: ["jpg"] })).extension, "jpeg");
    assert.equal((await run({ action: "validate", file_id: id, allowed_types: [".JPEG"] })).valid, true);
  });

  const refusals: readonly [rule: string, config: JsonObject, message: RegExp][] = [
    [
      "allowed_types",
      { action: "validate", allowed_types: ["pdf", "jpg"] },
      /allowed_types is pdf, jpg; a\.txt is txt/,
    ],
    ["max_size_mb", { action: "validate", max_size_mb: 0.000001 }, /max_size_mb is 0\.000001; a\.txt has/],
    ["the types of ocr_extract", { action: "ocr_extract" }, /ocr_extract takes png, jpg, pdf; the file is txt/],
    ["the types of convert", { action: "convert", target: "json" }, /convert to json takes csv; the file is txt/],
  ];
  for (const [rule, config, message] of refusals) {
    it(`fails for good with FILE_INVALID when the file breaks ${rule}`, async () => {
      const { id } = await harness.upload("a.txt", "text");
      const failure = { name: "StepError", code: "FILE_INVALID", retryable: false, message };
      await assert.rejects(run({ ...config, file_id: id }), failure);
    });
  }

  it("fails for good with FILE_NOT_FOUND for a file that is not there, or is another tenant's", async () => {
    const { id } = await harness.upload("a.txt", "text");
    const failure = { name: "StepError", code: "FILE_NOT_FOUND", retryable: false };
    await assert.rejects(run({ action: "extract", file_id: 999_999 }), failure);
    await assert.rejects(run({ action: "extract", file_id: id }, null, tenantNamed("tenant-b")), failure);
  });

  it("fails for good with FILE_PROCESSING_FAILED for a damaged file", async () => {
    const { id } = await harness.upload("a.pdf", (await contractPdf()).subarray(0, 600));
    const failure = { name: "StepError", code: "FILE_PROCESSING_FAILED", retryable: false };
    await assert.rejects(run({ action: "extract", file_id: id }), failure);
  });

  it("fails for good with CONFIG_INVALID without a file, or in a language that is not installed", async () => {
    const { id } = await harness.upload("a.png", await invoiceScan());
    const failure = { name: "StepError", code: "CONFIG_INVALID", retryable: false };
    for (const trigger of [null, {}, { file_id: "abc" }, { file_id: -1 }, { file_id: 1.5 }, [1]]) {
      await assert.rejects(run({ action: "extract" }, trigger), failure);
    }
    await assert.rejects(run({ action: "ocr_extract", file_id: id, language: "de" }), failure);
  });

  it("refuses configs that the table does not document", () => {
    const { config } = fileProcess(harness.files);
    for (const value of [
      {},
      { action: "shred" },
      { action: "extract", extra: 1 },
      { action: "convert" },
      { action: "convert", target: "exe" },
      { action: "validate", allowed_types: "pdf" },
      { action: "validate", max_size_mb: 0 },
      { action: "extract", file_id: "12x" },
    ]) {
      assert.equal(config.safeParse(value).success, false, JSON.stringify(value));
    }
  });

  it("extracts", async () => {
    const { id } = await harness.upload("a.csv", "name,age\nAnn,41\n");
    assert.deepEqual(await run({ action: "extract", file_id: id }), {
      content: "name,age\nAnn,41\n",
      word_count: 2,
      char_count: 16,
      truncated: false,
      row_count: 1,
      rows: [{ name: "Ann", age: "41" }],
      mime_type: "text/csv",
    });
  });

  it("recognises", async () => {
    const { id } = await harness.upload("invoice.png", await invoiceScan());
    const { content, word_count, confidence, ...rest } = await run({ action: "ocr_extract", file_id: id });
    assert.match(String(content), /Northwind Storage Ltd/);
    assert.ok(Number(word_count) > 10 && Number(confidence) > 80);
    const { char_count: _, ...facts } = rest;
    assert.deepEqual(facts, { truncated: false, language: "en", page_count: 1, source: "ocr", mime_type: "image/png" });
  });

  it("converts into one new file, however often the step is attempted", async () => {
    const { id } = await harness.upload("letter.docx", docx("Title", "Text is"));
    const first = await run({ action: "convert", file_id: id, target: "markdown" });
    assert.equal(first.source_file_id, id);
    assert.deepEqual([first.filename, first.extension, first.mime_type], ["letter.md", "md", "text/markdown"]);
    assert.deepEqual(await run({ action: "convert", file_id: id, target: "markdown" }), first);
  });
});
