import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { embeddedPostgresOf } from "./support/service.ts";

const demo = fileURLToPath(new URL("../examples/demo/main.js", import.meta.url));

test("npm run demo: the documented pipeline runs on a scan and a PDF, live, and leaves no process behind", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "stepwire demo "));
  t.after(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--enable-source-maps", demo], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, NO_COLOR: "1" },
  });
  assert.equal(stderr, "");
  const [, scan = "", contract = ""] = stdout.split(/\n(?=\S+: file \d+ started ex_\d+)/);
  const steps = ["validate_upload", "extract_text", "validate_content", "save_to_database", "send_notification"];
  for (const [name, part] of Object.entries({ "invoice-scan.png": scan, "contract.pdf": contract })) {
    assert.ok(part.startsWith(`${name}: file`), part);
    for (const step of steps) assert.match(part, new RegExp(`✔ ${step} +completed +\\d+ ms +attempt \\d`));
    assert.match(part, /^ {2}COMPLETED: \d+ words, such as “.+”$/m);
  }
  assert.match(scan, /↻ save_to_database +retrying .* attempt 1 .*503; again in \d+ ms/);
  assert.match(scan, /✔ save_to_database .* attempt 2/);
  assert.match(scan, /107 words, such as “Northwind Storage Ltd INVOICE”/);
  assert.match(stdout, /Document 1 processed successfully\. Database ID: 1\n {2}Document 2 .* Database ID: 2\n$/);
  await assert.rejects(embeddedPostgresOf(dataDir), "its Postgres has stopped");
});
