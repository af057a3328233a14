import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type FreezingProxy, startFreezingProxy } from "./support/freezing-proxy.ts";
import { testDatabase } from "./support/postgres.ts";
import { startServer } from "./support/test-server.ts";

const program = join(import.meta.dirname, "support", "worker-child.js");
const LOCK_SESSION = "stepwire-worker-lock";
const EXECUTIONS = 20;
const EFFECTS = 12;

/** A chain of effects with pauses between them: some are always about to begin. */
function stepsOf(origin: string) {
  return Array.from({ length: EFFECTS }, (_, n) => [
    {
      name: `effect ${n}`,
      type: "http_request",
      config: { url: origin, method: "POST", data: {} },
      ...(n > 0 && { depends_on: [`pause ${n - 1}`] }),
    },
    { name: `pause ${n}`, type: "delay", config: { seconds: 0.5 }, depends_on: [`effect ${n}`] },
  ]).flat();
}

async function setUp(context: TestContext) {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), "stepwire-workers-"));
  const url = new URL(database.url);
  const proxy: FreezingProxy = await startFreezingProxy({ host: url.hostname, port: Number(url.port) });
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {});
  const children: ChildProcess[] = [];
  const effects: { readonly key: string; readonly by: string }[] = [];
  let changed = (): void => {};
  const server = await startServer(context, ({ headers }, response) => {
    effects.push({ key: String(headers["idempotency-key"]), by: String(headers["user-agent"]) });
    response.end("{}");
    changed();
  });
  context.after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await proxy.close();
    await pool.end();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });
  /** Null: it was refused. */
  const startWorker = async (name: string, databaseUrl: string, isPatient = false) => {
    const child = fork(program, [JSON.stringify({ databaseUrl, directory, name, isPatient })], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    children.push(child);
    const told: string[] = [];
    const listeners = new Set<() => void>();
    child.on("message", (message: { told: string }) => {
      told.push(message.told);
      for (const listener of listeners) listener();
    });
    const hears = (text: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (told.some((one) => one.includes(text))) resolve();
        };
        listeners.add(look);
        look();
      });
    const isReady = await Promise.race([hears("ready").then(() => true), once(child, "exit").then(() => false)]);
    return isReady ? { child, hears, told } : null;
  };
  return {
    origin: server.origin,
    proxy,
    pool,
    effects,
    startWorker,
    proxied: Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href,
    direct: database.url,
    effectsOf: (by: string) => effects.filter((effect) => effect.by === by).length,
    until: async (holds: () => boolean) => {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
    allEnded: async () => {
      for (;;) {
        const { rows } = await pool.query("SELECT count(*) AS n FROM execution WHERE status = 'completed'");
        if (Number(rows[0].n) === EXECUTIONS) return;
        await sleep(100);
      }
    },
  };
}

describe("two workers of one database", { timeout: 180_000 }, () => {
  test("a holder whose lock's connection freezes begins no effect before another may, and takes itself out", async (context) => {
    const t = await setUp(context);
    const first = (await t.startWorker("first", t.proxied))!;
    first.child.send({ steps: stepsOf(t.origin), executions: EXECUTIONS });
    await t.until(() => t.effects.length >= EXECUTIONS * 3);
    t.proxy.freeze(LOCK_SESSION);
    await first.hears("lock is away");
    const atLoss = t.effectsOf("first");
    await t.startWorker("second", t.direct, true);
    await t.until(() => t.effectsOf("second") > 0);
    t.proxy.thaw();
    await first.hears("Another worker has taken over");
    await t.allEnded();
    assert.equal(t.effectsOf("first"), atLoss, "nothing begins without the lock");
    assert.equal(t.effects.length, EXECUTIONS * EFFECTS);
    assert.equal(new Set(t.effects.map(({ key }) => key)).size, t.effects.length, "each effect happens once");
  });

  test("a holder that is stopped while another takes over: only requests that it was sending leave it when it goes on", async (context) => {
    const t = await setUp(context);
    const first = (await t.startWorker("first", t.direct))!;
    first.child.send({ steps: stepsOf(t.origin), executions: EXECUTIONS });
    await t.until(() => t.effects.length >= EXECUTIONS * 3);
    first.child.kill("SIGSTOP");
    await t.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
      LOCK_SESSION,
    ]);
    const second = (await t.startWorker("second", t.direct, true))!;
    assert.ok(second.told.some((text) => text.includes("waiting until it must have stopped")));
    await t.until(() => t.effectsOf("second") > 0);
    first.child.kill("SIGCONT");
    await first.hears("Another worker has taken over");
    await t.allEnded();
    const times = new Map<string, number>();
    for (const { key } of t.effects) times.set(key, (times.get(key) ?? 0) + 1);
    assert.equal(times.size, EXECUTIONS * EFFECTS);
    assert.ok(
      [...times.values()].every((count) => count <= 2),
      "at most once more for the one fault",
    );
  });
});

describe("a worker whose lock's session is ended", { timeout: 60_000 }, () => {
  test("goes on with what it has when nobody else had the lock: each effect happens once", async (context) => {
    const t = await setUp(context);
    const first = (await t.startWorker("first", t.direct))!;
    first.child.send({ steps: stepsOf(t.origin), executions: EXECUTIONS });
    for (let round = 1; round <= 3; round++) {
      await t.until(() => t.effects.length >= EXECUTIONS * round * 2);
      await t.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
        LOCK_SESSION,
      ]);
    }
    await t.allEnded();
    assert.equal(t.effects.length, EXECUTIONS * EFFECTS);
    assert.equal(new Set(t.effects.map(({ key }) => key)).size, t.effects.length);
    assert.ok(!first.told.some((text) => text.includes("taken over")));
  });
});
