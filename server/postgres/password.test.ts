import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../config/index.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

const skip = process.platform !== "linux" && "reads /proc";

test("the password of the embedded Postgres is in a file of the service's own, and nowhere that others look", {
  skip,
}, async (t) => {
  const root = await mkdtemp(join(tmpdir(), "stepwire-password-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const dataDir = join(root, "made", "here");
  const postgres = await startEmbeddedPostgres({ dataDir, logger: createLogger("silent") });
  t.after(() => postgres.stop());
  const { password } = new URL(postgres.databaseUrl);

  const file = join(dataDir, "postgres", "password");
  assert.equal((await readFile(file, "utf8")).trim(), password);
  const { mode, uid } = await stat(file);
  assert.deepEqual([mode & 0o777, uid], [0o600, process.getuid?.()]);
  for (const folder of [dataDir, join(dataDir, "postgres"), join(dataDir, "postgres", "data")]) {
    assert.equal((await stat(folder)).mode & 0o077, 0, folder);
  }

  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const name of ["cmdline", "environ"]) {
      // Those that end meanwhile, and those of others.
      const text = await readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
      assert.ok(!text.includes(password), `${name} of process ${pid}`);
    }
  }
});
