import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { embeddedPostgresOf } from "./support/service.ts";

const demo = fileURLToPath(new URL("../examples/saga/main.js", import.meta.url));

test("npm run demo:saga: one order is sent, the other undone, live, and no process is left behind", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "stepwire demo "));
  t.after(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--enable-source-maps", demo], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, NO_COLOR: "1" },
  });
  assert.equal(stderr, "");
  const [intro = "", sent = "", undone = ""] = stdout.split(/\n(?=Order \d)/);
  assert.match(intro, /At first: 100 € left, 5 parcels in stock, 0 sent/);
  for (const step of ["pay", "reserve", "ship", "thank"]) assert.match(sent, new RegExp(`✔ ${step} +completed`));
  assert.match(sent, /COMPLETED\n {2}output: .*"tracking":"TR-2026".*\n {2}70 € left, 4 parcels in stock, 1 sent/);
  assert.match(
    undone,
    /✔ pay .*\n.*✔ reserve .*\n.*✖ ship +failed .*\n.*✔ reserve\[undo\] .*\n.*✔ pay\[undo\] .*\n {2}COMPENSATED: .*\n {2}70 € left, 4 parcels in stock, 1 sent\n$/,
  );
  await assert.rejects(embeddedPostgresOf(dataDir), "its Postgres has stopped");
});
