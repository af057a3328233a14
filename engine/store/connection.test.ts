import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { frailPostgres } from "../../tests/support/postgres.ts";
import { troubleOf, unavailable } from "../model/trouble.ts";
import { withDeadline } from "../runtime/deadline.ts";
import { openConnection, openPool, transaction } from "./connection.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Where the library's own connections are known, and where its types are set. */
const inner = ["engine/store/connection.ts", "engine/store/database.ts"];

test("every connection of the product is opened in one place, and none is taken from a pool past it", async () => {
  for await (const file of glob(`${root}{engine,saga,schema,server,web-compat}/**/*.ts`)) {
    const path = relative(root, file);
    if (/\.(test|contract)\.ts$/.test(path) || inner.includes(path)) continue;
    const text = await readFile(file, "utf8");
    assert.doesNotMatch(text, /^import pg\b/m, `${path}: openConnection`);
    assert.doesNotMatch(text, /\bpool\.connect\(/i, `${path}: transaction`);
  }
});

describe("connections of a pool", { timeout: 120_000 }, () => {
  let postgres: Awaited<ReturnType<typeof frailPostgres>>;
  let pool: pg.Pool;
  before(async () => {
    postgres = await frailPostgres();
    const limits = { statementMs: 1_000, lockMs: 300 };
    pool = openPool({ connectionString: postgres.url, application_name: "test", limits }, 2);
    await postgres.run("CREATE TABLE thing (id int)");
  });
  after(async () => {
    await pool.end();
    await postgres.close();
  });

  const backends = "SELECT pid FROM pg_stat_activity WHERE application_name = 'test'";
  const terminate = `SELECT pg_terminate_backend(pid) FROM (${backends}) AS b`;

  test("may be lost while they are idle, at work or checked out: what is asked next is answered", async () => {
    for (const how of ["terminate", "cut", "immediate", "fast"] as const) {
      const isLost = async (work: Promise<unknown>) =>
        assert.equal(
          troubleOf(
            await work.then(
              () => null,
              (error: unknown) => error,
            ),
          ),
          "away",
          how,
        );
      const sleeping = isLost(pool.query("SELECT pg_sleep(20)"));
      const holding = Promise.withResolvers<void>();
      const held = isLost(
        transaction(pool, async (client) => {
          await client.query("INSERT INTO thing VALUES (1)");
          holding.resolve();
          // Checked out with nothing under way: the library has no listener there.
          await new Promise((resolve) => client.once("end", resolve));
          await client.query("SELECT 1");
        }),
      );
      await holding.promise;
      if (how === "terminate") await postgres.run(terminate);
      else if (how === "cut") postgres.proxy.set("closed");
      else await postgres.stop(how);
      await Promise.all([sleeping, held]);
      postgres.proxy.set("open");
      await postgres.start();
      assert.deepEqual((await pool.query("SELECT 1 AS one")).rows, [{ one: 1 }]);
    }
  });

  test("a lock, a slow statement and a server that is silent end a statement in time, and the connection serves on", async () => {
    const admin = await postgres.connect();
    await admin.query("BEGIN; LOCK TABLE thing");
    const locked = await pool.query("SELECT * FROM thing").catch((error: unknown) => error);
    assert.equal(troubleOf(locked), "busy");
    assert.equal((locked as { code: string }).code, "55P03");
    await admin.query("ROLLBACK");
    await admin.end();
    const slow = await pool.query("SELECT pg_sleep(20)").catch((error: unknown) => error);
    assert.equal((slow as { code: string }).code, "57014");

    postgres.proxy.set("silent");
    const silent = await withDeadline(200, () => pool.query("SELECT 1")).catch((error: unknown) => error);
    assert.equal((silent as Error).name, "DeadlineError");
    assert.match(unavailable(silent)!.message, /not known/);
    postgres.proxy.set("open");
    assert.equal((await pool.query("SELECT 1")).rowCount, 1);
  });

  test("who waits for a connection waits no longer than the request has, and leaves the pool as it was", async () => {
    const busy = [1, 2].map(() => pool.query("SELECT pg_sleep(0.5)"));
    const late = await withDeadline(50, () => pool.query("SELECT 1")).catch((error: unknown) => error);
    assert.match((late as Error).message, /before a connection was free/);
    assert.doesNotMatch(unavailable(late)!.message, /not known/);
    await Promise.all(busy);
    // A request's own time is not that of whoever is handed its connection.
    const answered = await Promise.all(
      [1, 2, 3, 4].map((n) => withDeadline(5_000, () => pool.query(`SELECT ${n} AS n`))),
    );
    assert.deepEqual(
      answered.map(({ rows }) => rows[0].n),
      [1, 2, 3, 4],
    );
    assert.equal(pool.waitingCount, 0);
  });

  test("a transaction may take longer when it says so, and is rolled back when its time is over", async () => {
    await transaction(pool, (client) => client.query("SELECT pg_sleep(1.2)"), 10_000);
    const failed = withDeadline(100, () =>
      transaction(pool, async (client) => {
        await client.query("INSERT INTO thing VALUES (2)");
        await client.query("SELECT pg_sleep(0.9)");
      }),
    );
    await assert.rejects(failed, { name: "DeadlineError" });
    assert.deepEqual((await pool.query("SELECT id FROM thing WHERE id = 2")).rows, []);
  });

  test("a connection beside the pools is lost without harm", async () => {
    const client = openConnection({ connectionString: postgres.url, application_name: "test" });
    await client.connect();
    const gone = new Promise((resolve) => client.once("end", resolve));
    await postgres.run(terminate);
    await gone;
    await assert.rejects(client.query("SELECT 1"), { name: "ConnectionError" });
  });
});
