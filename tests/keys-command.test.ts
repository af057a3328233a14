import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { testDatabase } from "./support/postgres.ts";
import { startService } from "./support/service.ts";

const main = fileURLToPath(new URL("../server/keys/main.js", import.meta.url));

/** `npm run keys -- …` as it runs once it is built. */
async function keys(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

test("keys are made, listed, rotated and revoked in the database of DATABASE_URL, and each change is on record", async (t) => {
  const { url: DATABASE_URL, drop } = await testDatabase();
  t.after(drop);
  const env = { DATABASE_URL };
  const empty = await keys(env, "list", "--tenant", "acme");
  assert.deepEqual(empty, { code: 0, stdout: "", stderr: "tenant acme has no keys\n" });

  const made = await keys(env, "create", "--name", "ci", "--scopes", "read", "--tenant", "acme");
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^sw_[\w-]{43}\n$/, "the secret and nothing else, for scripts");
  const rotated = await keys(env, "rotate", "key_1", "--grace", "60", "--tenant", "acme");
  assert.match(rotated.stdout, /^sw_[\w-]{43}\n$/);
  assert.notEqual(rotated.stdout, made.stdout);
  assert.equal((await keys(env, "revoke", "2", "--tenant", "acme")).code, 0);

  const { stdout } = await keys(env, "list", "--tenant", "acme");
  const [headings, second, first] = stdout.split("\n");
  assert.match(headings!, /^id +name +secret +scopes +created +last used +state$/);
  assert.match(second!, /^key_2 +ci .* revoked /);
  assert.match(first!, /^key_1 +ci .* valid until /);
  for (const secret of [made.stdout, rotated.stdout]) assert.ok(!stdout.includes(secret.trim()));

  const foreign = await keys(env, "revoke", "key_1");
  assert.deepEqual(foreign, { code: 1, stdout: "", stderr: "stepwire: API key not found\n" });

  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  const { rows } = await client.query("SELECT tenant_id, actor, action, refused FROM audit_entry ORDER BY id");
  await client.end();
  assert.deepEqual(
    rows.map((row) => Object.values(row).join(" ").trim()),
    [
      "acme cli api_key.create",
      "acme cli api_key.rotate",
      "acme cli api_key.revoke",
      "default cli api_key.revoke API_KEY_NOT_FOUND",
    ],
  );
});

test("what is wrong is one line, and no stack", async () => {
  const cases = [
    [{}, ["rotate"], "stepwire: keys rotate takes one id, such as key_12\n"],
    [{ DATA_DIR: "/tmp/stepwire-nothing-there" }, ["list"], /^stepwire: there is no database under DATA_DIR .*\n$/],
    [{ DATABASE_URL: "postgres://127.0.0.1:1/x" }, ["list"], /^stepwire: DATABASE_URL: no connection to .*\n$/],
    [{ DATABASE_URL: "nonsense" }, ["list"], /^stepwire: DATABASE_URL must be a postgres:\/\/ .*\n$/],
  ] as const;
  for (const [env, args, expected] of cases) {
    const { code, stdout, stderr } = await keys(env, ...args);
    assert.deepEqual([code, stdout], [1, ""]);
    if (typeof expected === "string") assert.equal(stderr, expected);
    else assert.match(stderr, expected);
  }
  assert.match((await keys({}, "--help")).stdout, /npm run keys -- create/);
});

test("the embedded database is joined while the service runs, and started for the command while it does not", async (t) => {
  const DATA_DIR = await mkdtemp(join(tmpdir(), "stepwire-keys-"));
  t.after(() => rm(DATA_DIR, { recursive: true, force: true }));
  const service = startService({ env: { DATA_DIR, API_KEY: "sw_Bn5wY7qMr2jZ8hCk4xTfG6" } });
  const address = await service.address;
  const made = await keys({ DATA_DIR }, "create", "--name", "ci", "--scopes", "read");
  assert.equal(made.code, 0, made.stderr);
  const status = async () => {
    const headers = { authorization: `Bearer ${made.stdout.trim()}` };
    return (await fetch(`${address}/api/v1/workflows`, { headers })).status;
  };
  assert.equal(await status(), 200);
  await keys({ DATA_DIR }, "revoke", "key_2");
  // No bus reaches from one process to the other: the cache forgets, within a second by its own tests.
  let last = 200;
  while (last === 200) last = await status();
  assert.equal(last, 401);
  assert.equal((await service.kill("SIGTERM")).code, 0);

  const listed = await keys({ DATA_DIR }, "list");
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /key_2 +ci .* revoked /);
  assert.match(listed.stdout, /key_1 +bootstrap .* valid/);
});
