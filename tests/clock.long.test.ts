import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { JsonObject } from "../engine/model/json.ts";
import { TENANT, type TestEngine, testEngine } from "./support/engine.ts";
import { testDatabase } from "./support/postgres.ts";
import { API_KEY, ask, ended, workflowOf } from "./support/rest-client.ts";
import { startService } from "./support/service.ts";
import { startServer } from "./support/test-server.ts";

const HOUR_MS = 3_600_000;
const preload = pathToFileURL(join(import.meta.dirname, "support", "shifted-date.js")).href;

/** Fails twice, then answers: two backoffs are waited for. */
const retried = (url: string) => ({
  name: "call",
  type: "http_request",
  config: { url },
  retry: { max_attempts: 3, initial_seconds: 1, factor: 1, jitter: "none" },
});
const waited = { name: "wait", type: "delay", config: { seconds: 2 } };
const limited = {
  name: "late",
  type: "wait_for_event",
  config: { event: "never", timeout_seconds: 2 },
  on_error: "continue",
};

describe("a machine's clock that is set while the service runs", { timeout: 120_000 }, () => {
  for (const [name, shift] of [
    ["back", -HOUR_MS],
    ["forward", HOUR_MS],
  ] as const) {
    test(`${name} by an hour: what waits goes on, what is started waits no longer, and nothing times out`, async (context) => {
      const directory = await mkdtemp(join(tmpdir(), "stepwire-clock-"));
      const file = join(directory, "shift");
      await writeFile(file, "0");
      const database = await testDatabase();
      const calls = new Map<string, number>();
      const server = await startServer(context, ({ url }, response) => {
        const seen = (calls.get(url) ?? 0) + 1;
        calls.set(url, seen);
        response.writeHead(seen < 3 ? 503 : 200).end("{}");
      });
      const service = startService({
        env: {
          DATABASE_URL: database.url,
          API_KEY,
          LOG_LEVEL: "warn",
          ALLOW_PRIVATE_NETWORK: "127.0.0.1",
          NODE_OPTIONS: `--import=${preload}`,
          TEST_DATE_SHIFT: file,
        },
      });
      context.after(async () => {
        await service.kill("SIGTERM");
        await database.drop();
        await rm(directory, { recursive: true });
      });
      const run = async (round: string): Promise<number> => {
        const id = await workflowOf(service, round, [waited, limited, retried(`${server.origin}/${round}`)]);
        return (await ask(service, "POST", `/api/v1/workflows/${id}/execute`, {})).body.execution_id;
      };
      await service.address;
      const early = await run("before");
      await writeFile(file, String(shift));
      const told = once(service.process.stderr!, "data");
      service.process.kill("SIGUSR2");
      await told;
      const late = await run("after");
      for (const id of [early, late]) {
        const { status, result_data } = await ended(service, id);
        assert.equal(status, "completed");
        assert.deepEqual(Object.keys(result_data).sort(), ["call", "wait"]);
      }
      const { status } = (await ask(service, "GET", "/health")).body;
      assert.equal(status, "healthy");
    });
  }
});

/** From the next connection on, Postgres' clock is off by what `clock.shift` says: its own functions are hidden behind these. */
async function hideClock({ pool }: TestEngine): Promise<void> {
  const functions = ["now", "clock_timestamp"].map(
    (name) => `CREATE FUNCTION clock.${name}() RETURNS timestamptz LANGUAGE sql STABLE
      AS 'SELECT pg_catalog.${name}() + (SELECT by FROM clock.shift)'`,
  );
  const { rows } = await pool.query("SELECT current_database() AS name");
  await pool.query(`CREATE SCHEMA clock; CREATE TABLE clock.shift (by interval); INSERT INTO clock.shift VALUES ('0');
    ${functions.join(";")};
    ALTER DATABASE ${rows[0].name} SET search_path = clock, pg_catalog, public`);
}

describe("a Postgres whose clock is set while the service runs", { timeout: 120_000 }, () => {
  for (const hours of [-1, 1]) {
    test(`by ${hours} h: waits, backoffs, limits, deadlines, deliveries and file tasks come when they were meant to`, async (context) => {
      const t = await testEngine();
      context.after(() => t.close());
      await hideClock(t);
      await t.restart();
      const tries: string[] = [];
      const server = await startServer(context, ({ url }, response) => {
        tries.push(url);
        response.writeHead(tries.filter((one) => one === url).length < 3 ? 503 : 200).end("{}");
      });
      const skewed = async (): Promise<void> => {
        while (Math.abs(t.engine.load().clockSkewMs) < HOUR_MS - 60_000) await sleep(50);
      };
      const run = (round: string) =>
        t.start([waited, limited, retried(`${server.origin}/${round}`)], { workflow: { timeout_seconds: 60 } });
      const webhook = { url: `${server.origin}/webhook`, events: ["workflow_failed"] };
      const early = await run("before");
      await t.pool.query("UPDATE clock.shift SET by = $1::interval", [`${hours} hours`]);
      await skewed();
      const late = await run("after");
      for (const { id } of [early, late]) {
        const { execution, byName } = await t.finished(id);
        assert.equal(execution.status, "completed");
        assert.equal(byName.late!.error!.code, "EVENT_TIMEOUT");
        assert.equal(byName.call!.attempt, 3);
      }
      // A deadline, and the delivery that tells of it, which fails once: its backoff is five seconds.
      tries.push("/webhook");
      const workflow = await t.engine.workflows.create(TENANT, {
        name: "overdue",
        timeout_seconds: 2,
        workflow_config: {
          steps: [{ name: "wait", type: "delay", config: { seconds: 600 } }],
          webhooks: [webhook],
        } as unknown as JsonObject,
      });
      const { id } = await t.engine.executions.start({ tenantId: TENANT, workflowId: workflow.id, triggerData: {} });
      assert.equal((await t.finished(id)).execution.status, "timed_out");
      while (tries.filter((url) => url === "/webhook").length < 3) await sleep(50);
      await t.engine.files.upload(Readable.from(["text"]), { tenantId: TENANT, filename: "a.txt" });
      const tasks = async () => (await t.pool.query("SELECT FROM file_task")).rowCount;
      while ((await tasks()) !== 0) await sleep(50);
    });
  }
});
