import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { channels } from "../engine/bus/bus.ts";
import { defaultFileLimits } from "../engine/files/index.ts";
import type { ExecutionEvent } from "../engine/model/events.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const MEBIBYTE = 1024 * 1024;
const invoice = new URL("../../examples/documents/invoice-scan.png", import.meta.url);

describe("files over REST", () => {
  let api: TestApi;
  before(async () => {
    api = await testApi({ fileLimits: { ...defaultFileLimits, maxTenantBytes: 30 * MEBIBYTE } });
  });
  after(() => api.close());

  async function send(form: FormData, key = api.secret) {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${api.address}/api/v1/files/upload`, { method: "POST", headers, body: form });
    // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, whatever its shape.
    return { status: response.status, body: (await response.json()) as any };
  }
  function upload(filename: string, content: string | Uint8Array<ArrayBuffer>, key = api.secret) {
    const form = new FormData();
    form.set("file", new File([content], filename));
    return send(form, key);
  }
  async function uploaded(filename: string, content: string): Promise<number> {
    const { status, body } = await upload(filename, content);
    assert.equal(status, 200, JSON.stringify(body));
    return body.id;
  }
  const workflow = async (fields: object) => {
    const steps = [{ name: "seen", type: "log", config: { message: "{{trigger.filename}}" } }];
    const { id } = await api.t.engine.workflows.create(TENANT, {
      name: "on upload",
      workflow_config: { steps },
      ...fields,
    });
    return id;
  };
  /** The next executions of the tenant that end. */
  async function completions(count: number): Promise<{ next: Promise<number[]> }> {
    const seen: number[] = [];
    const { promise, resolve } = Promise.withResolvers<number[]>();
    const subscription = await api.t.engine.bus.subscribe(channels.tenant(TENANT), (message) => {
      const { type, executionId } = message as ExecutionEvent;
      if (type === "execution.completed" && seen.push(executionId) === count) resolve(seen);
    });
    return { next: promise.finally(() => subscription.unsubscribe()) };
  }
  async function processed(id: number): Promise<{ status: string; extracted_content: string | null }> {
    for (;;) {
      const { body } = await api.rest("GET", `/api/v1/files/${id}`);
      if (body.status === "processed" || body.status === "failed") return body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const stored = async () =>
    (await readdir(api.t.directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

  test("an upload is answered with its id, listed, shown and downloaded", async () => {
    const { status, body } = await upload("../../notes.txt", "some text");
    assert.equal(status, 200);
    assert.deepEqual(body, {
      id: body.id,
      filename: "notes.txt",
      message: "File uploaded successfully",
      status: "uploaded",
    });

    const shown = (await api.rest("GET", `/api/v1/files/${body.id}/`)).body;
    assert.deepEqual(Object.keys(shown).sort(), [
      "created_at",
      "extracted_content",
      "file_size",
      "filename",
      "id",
      "mime_type",
      "original_filename",
      "processed_at",
      "status",
      "updated_at",
    ]);
    assert.deepEqual([shown.mime_type, shown.file_size, shown.extracted_content], ["text/plain", 9, null]);
    const { body: listed } = await api.rest("GET", "/api/v1/files?limit=1");
    assert.deepEqual(
      listed.map((one: { id: number }) => one.id),
      [body.id],
    );

    const response = await fetch(`${api.address}/api/v1/files/${body.id}/download`, {
      headers: { "x-api-key": api.secret },
    });
    assert.equal(await response.text(), "some text");
    assert.equal(response.headers.get("content-disposition"), "attachment; filename=notes.txt");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("etag"), `"${createHash("sha256").update("some text").digest("hex")}"`);
  });

  describe("a form that is broken is refused as such", () => {
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n';
    for (const [what, type, body] of [
      ["has no boundary", "multipart/form-data", `${head}\r\nx\r\n--b--\r\n`],
      ["names another boundary", "multipart/form-data; boundary=other", `${head}\r\nx\r\n--b--\r\n`],
      ["ends in its file", "multipart/form-data; boundary=b", `${head}\r\nx`],
      ["ends in the head of its file", "multipart/form-data; boundary=b", head],
      ["ends after its boundary", "multipart/form-data; boundary=b", "--b"],
      ["is empty", "multipart/form-data; boundary=b", ""],
      ["has nothing in it", "multipart/form-data; boundary=b", "--b--\r\n"],
      ["has a head without end", "multipart/form-data; boundary=b", `--b\r\nx: ${"y".repeat(100_000)}`],
      ["has no name", "multipart/form-data; boundary=b", "--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--\r\n"],
      [
        "has more fields than it may",
        "multipart/form-data; boundary=b",
        `${'--b\r\ncontent-disposition: form-data; name="f"\r\n\r\nx\r\n'.repeat(30)}--b--\r\n`,
      ],
      [
        "is named __proto__",
        "multipart/form-data; boundary=b",
        '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--\r\n',
      ],
    ] as const) {
      test(`one that ${what}`, { timeout: 10_000 }, async () => {
        const { status, body: answer } = await api.rest("POST", "/api/v1/files/upload", body, { "content-type": type });
        assert.deepEqual([status, answer.error_code], [400, "VALIDATION_FAILED"], answer.detail);
        assert.ok(!/busboy|multipart: |unexpected end of|prototype/i.test(answer.detail), answer.detail);
      });
    }
  });

  test("a range is answered with 206, one beyond the end with 416, and a known content with 304", async () => {
    const id = await uploaded("range.txt", "0123456789");
    const get = (headers: Record<string, string>) =>
      fetch(`${api.address}/api/v1/files/${id}/download`, { headers: { "x-api-key": api.secret, ...headers } });
    const part = await get({ range: "bytes=2-4" });
    assert.deepEqual([part.status, part.headers.get("content-range"), await part.text()], [206, "bytes 2-4/10", "234"]);
    assert.equal(await (await get({ range: "bytes=-3" })).text(), "789");
    const whole = await get({ range: "bytes=-500" });
    assert.deepEqual([whole.status, whole.headers.get("content-range")], [206, "bytes 0-9/10"]);
    assert.equal(await whole.text(), "0123456789");
    assert.equal((await get({ range: "bytes=-0" })).status, 416);
    const several = await get({ range: "bytes=0-1,5-6" });
    assert.deepEqual([several.status, await several.text()], [200, "0123456789"]);
    const beyond = await get({ range: "bytes=10-" });
    assert.deepEqual([beyond.status, beyond.headers.get("content-range")], [416, "bytes */10"]);
    assert.equal(((await beyond.json()) as { error_code: string }).error_code, "RANGE_NOT_SATISFIABLE");
    const etag = part.headers.get("etag")!;
    assert.equal((await get({ "if-none-match": etag })).status, 304);
    assert.equal((await get({ "if-range": '"another"', range: "bytes=2-4" })).status, 200);
  });

  test("an upload starts each active, enabled workflow that asks for its extension, once", async () => {
    const pdf = await workflow({ name: "pdf only", trigger_on_file_upload: true, trigger_file_extensions: "pdf, doc" });
    const docx = await workflow({ name: "docx", trigger_on_file_upload: true, trigger_file_extensions: "docx" });
    const any = await workflow({ name: "any", trigger_on_file_upload: true });
    const off = await workflow({ name: "off", trigger_on_file_upload: true, is_enabled: false });
    const silent = await workflow({ name: "silent" });
    const { next } = await completions(2);
    const content = await readFile(new URL("../../examples/documents/contract.pdf", import.meta.url));
    const { body } = await upload("contract.pdf", new Uint8Array(content));
    await next;
    const counts = await Promise.all(
      [pdf, docx, any, off, silent].map(
        async (id) => (await api.rest("GET", `/api/v1/workflows/${id}/executions`)).body,
      ),
    );
    assert.deepEqual(
      counts.map((one) => one.length),
      [1, 0, 1, 0, 0],
    );
    const [execution] = counts[0];
    assert.equal(execution.trigger_type, "file_upload");
    assert.deepEqual(execution.trigger_data, {
      file_id: body.id,
      filename: "contract.pdf",
      file_extension: "pdf",
      trigger_type: "file_upload",
    });
    for (const id of [pdf, docx, any, off]) await api.t.engine.workflows.delete(TENANT, id);
  });

  test("a task that another process has left behind is done as well", async () => {
    const id = await workflow({ name: "after a restart", trigger_on_file_upload: true });
    const { rows } = await api.t.pool.query(
      `WITH f AS (SELECT id, tenant_id FROM file WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1)
       INSERT INTO file_task (file_id, tenant_id, extract, triggers, due_at) SELECT id, tenant_id, false, true, now() FROM f RETURNING file_id`,
      [TENANT],
    );
    // Nobody has woken the worker for it: the next upload does, as a start of the process or a minute would.
    const { next } = await completions(2);
    await uploaded("wakes.txt", "x");
    await next;
    const { body } = await api.rest("GET", `/api/v1/workflows/${id}/executions`);
    assert.deepEqual(
      new Set(body.map((one: { trigger_data: { file_id: number } }) => one.trigger_data.file_id)).has(rows[0].file_id),
      true,
    );
    assert.equal((await api.t.pool.query("SELECT FROM file_task WHERE due_at <= now()")).rowCount, 0);
    await api.t.engine.workflows.delete(TENANT, id);
  });

  test("a task at which three processes have ended is given up, and its file has failed", async () => {
    const file = await uploaded("poison.txt", "words");
    await api.t.pool.query(
      `INSERT INTO file_task (file_id, tenant_id, extract, triggers, due_at, takes) VALUES ($1, $2, true, false, now(), 3)`,
      [file, TENANT],
    );
    const { next } = await completions(1);
    const id = await workflow({ name: "later", trigger_on_file_upload: true });
    await uploaded("wakes.txt", "x");
    await next;
    const found = await processed(file);
    assert.deepEqual([found.status, found.extracted_content], ["failed", null]);
    await api.t.engine.workflows.delete(TENANT, id);
  });

  test("processing reads the file, and starts its workflows when asked to", async () => {
    const id = await workflow({ name: "on process", trigger_on_file_upload: true });
    const first = await completions(1);
    const file = await uploaded("processed.txt", "three short words");
    await first.next;
    const quiet = await api.rest("POST", `/api/v1/files/${file}/process`, { trigger_workflows: false });
    assert.deepEqual(quiet.body, { message: "File processing started", file_id: file });
    const read = await processed(file);
    assert.deepEqual([read.status, read.extracted_content], ["processed", "three short words"]);
    const second = await completions(1);
    await api.rest("POST", `/api/v1/files/${file}/process`);
    await second.next;
    assert.equal((await api.rest("GET", `/api/v1/workflows/${id}/executions`)).body.length, 2);
    const { body } = await api.rest("GET", `/api/v1/files/${file}/extract`);
    assert.equal(body.content, "three short words");
    assert.equal(body.metadata.word_count, 3);
    await api.t.engine.workflows.delete(TENANT, id);
  });

  test("the text of a scan is recognised on request, by a key that may only read: the record stays as it was", async () => {
    const { body } = await upload("scan.png", new Uint8Array(await readFile(invoice)));
    const headers = { authorization: `Bearer ${await api.keyFor(TENANT, "read")}` };
    const show = async () => (await api.rest("GET", `/api/v1/files/${body.id}`)).body;
    const before = await show();
    const extracted = await api.rest("GET", `/api/v1/files/${body.id}/extract`, undefined, headers);
    assert.equal(extracted.status, 200, JSON.stringify(extracted.body));
    assert.deepEqual(Object.keys(extracted.body), ["file_id", "content", "metadata"]);
    assert.equal(extracted.body.file_id, body.id);
    assert.match(extracted.body.content, /INV-2025-0417/);
    assert.equal(extracted.body.metadata.source, "ocr");
    assert.deepEqual(await show(), before);
  });

  test("a file whose text cannot be found is refused, and not marked as failed", async () => {
    const id = await uploaded("broken.csv", 'a,b\n"unclosed');
    const { status, body } = await api.rest("GET", `/api/v1/files/${id}/extract`);
    assert.deepEqual([status, body.error_code], [400, "FILE_PROCESSING_FAILED"]);
    assert.equal((await api.rest("GET", `/api/v1/files/${id}`)).body.status, "uploaded");
  });

  test("a deleted file is gone, and listed only when asked for", async () => {
    const id = await uploaded("gone.txt", "to be deleted");
    assert.deepEqual((await api.rest("DELETE", `/api/v1/files/${id}`)).body, {
      message: "File deleted successfully",
      file_id: id,
    });
    for (const path of ["", "/download", "/extract"]) {
      const { status, body } = await api.rest("GET", `/api/v1/files/${id}${path}`);
      assert.deepEqual([status, body.error_code, body.detail], [404, "FILE_NOT_FOUND", "File not found"]);
    }
    const ids = async (query: string) =>
      (await api.rest("GET", `/api/v1/files${query}`)).body.map((one: { id: number }) => one.id);
    assert.ok(!(await ids("")).includes(id));
    assert.ok((await ids("?status=deleted")).includes(id));
  });

  test("files of other tenants are not found", async () => {
    const id = await uploaded("mine.txt", "mine");
    const headers = { authorization: `Bearer ${await api.keyFor(tenantNamed("other"), "read", "write")}` };
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/download"],
      ["GET", "/extract"],
      ["POST", "/process"],
      ["DELETE", ""],
    ] as const) {
      assert.equal((await api.rest(method, `/api/v1/files/${id}${path}`, undefined, headers)).status, 404, path);
    }
    assert.deepEqual((await api.rest("GET", "/api/v1/files", undefined, headers)).body, []);
  });

  test("an upload that is refused says why, and leaves nothing on the disk", async () => {
    const before = await stored();
    const form = new FormData();
    form.set("document", new File(["x"], "x.txt"));
    const empty = new FormData();
    empty.set("note", "no file");
    const table: [string, Awaited<ReturnType<typeof send>>, string][] = [
      ["extension", await upload("tool.exe", "MZ"), "FILE_TYPE_NOT_ALLOWED"],
      ["content", await upload("photo.png", "no picture"), "FILE_TYPE_NOT_ALLOWED"],
      ["empty", await upload("empty.txt", ""), "FILE_TYPE_NOT_ALLOWED"],
      ["no name", await upload("...", "x"), "VALIDATION_FAILED"],
      ["another field", await send(form), "VALIDATION_FAILED"],
      ["no file", await send(empty), "VALIDATION_FAILED"],
      [
        "quota",
        await upload("a.txt", "a".repeat(9 * MEBIBYTE))
          .then(() => upload("b.txt", "b".repeat(9 * MEBIBYTE)))
          .then(() => upload("c.txt", "c".repeat(9 * MEBIBYTE)))
          .then(() => upload("d.txt", "d".repeat(9 * MEBIBYTE))),
        "FILE_QUOTA_EXCEEDED",
      ],
    ];
    for (const [what, { status, body }, code] of table) {
      assert.deepEqual([status, body.error_code], [400, code], what);
    }
    assert.equal(await stored(), before + 3, "the three that fit in the quota");
    const json = await api.rest("POST", "/api/v1/files/upload", {});
    assert.deepEqual([json.status, json.body.error_code], [400, "VALIDATION_FAILED"]);
    assert.equal((await upload("x.txt", "x", await api.keyFor(TENANT, "read"))).status, 403);
  });

  test("a stream without end is refused while it is read", async () => {
    const before = await stored();
    const boundary = "----endless";
    const sending = request(`${api.address}/api/v1/files/upload`, {
      method: "POST",
      headers: { "x-api-key": api.secret, "content-type": `multipart/form-data; boundary=${boundary}` },
    });
    const closed = once(sending, "close");
    sending.on("error", () => {});
    sending.write(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n`);
    const chunk = Buffer.alloc(256 * 1024, "x");
    const pour = () => {
      while (!sending.destroyed && sending.write(chunk));
    };
    sending.on("drain", pour);
    pour();
    const [response] = await once(sending, "response");
    const body = JSON.parse(Buffer.concat(await response.toArray()).toString());
    assert.deepEqual([response.statusCode, body.error_code], [400, "FILE_TOO_LARGE"]);
    await closed;
    assert.equal(await stored(), before);
  });

  test("an upload that is cut off leaves nothing", async () => {
    const before = await stored();
    const sending = request(`${api.address}/api/v1/files/upload`, {
      method: "POST",
      headers: { "x-api-key": api.secret, "content-type": "multipart/form-data; boundary=cut", "content-length": 1000 },
    });
    sending.on("error", () => {});
    const form = '--cut\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\nhalf';
    await new Promise((resolve) => sending.write(form, resolve));
    sending.destroy();
    await uploaded("after.txt", "whoever comes next is served");
    assert.equal(await stored(), before + 1);
  });
});
