import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { openKeys, type TenantId, tenantNamed } from "../../../engine/index.ts";
import { API_KEY } from "../../../tests/support/rest-client.ts";
import { startService } from "../../../tests/support/service.ts";
import { childServer } from "../../harness/child-server.ts";
import { percentile } from "../../harness/statistics.ts";

const MEASURE_MS = 4_000;
/** A key may start 200 executions a minute. */
const RUNS_PER_KEY = 190;
const KEYS = 20;
const HOSTILE_KEYS = 60;
/** Between two measurements: they are a neighbour, not a load of their own. */
const PAUSE_MS = 5;
/** So that a load has taken hold. */
const SETTLE_MS = 500;

const databaseUrl = process.env.DATABASE_URL!;
const [load] = process.argv.slice(2) as [string];
const hostileProgram = new URL("hostile.program.js", import.meta.url);

const service = startService({
  env: { DATABASE_URL: databaseUrl, API_KEY, LOG_LEVEL: "error", ALLOW_PRIVATE_NETWORK: "127.0.0.1" },
});

async function keysOf(tenantId: TenantId, count: number): Promise<string[]> {
  const { keys, close } = await openKeys({ databaseUrl, log: () => {} });
  const secrets: string[] = [];
  for (let i = 0; i < count; i++) {
    const scopes = ["read", "write", "execute"] as const;
    secrets.push((await keys.create({ tenantId, name: `key ${i}`, scopes: [...scopes], expiresAt: null })).secret);
  }
  await close();
  return secrets;
}

/** Durations of `once`, one after another, in ms. */
async function durations(once: () => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  for (const until = performance.now() + MEASURE_MS; performance.now() < until; await sleep(PAUSE_MS)) {
    const startedAt = performance.now();
    await once();
    found.push(performance.now() - startedAt);
  }
  return found;
}

try {
  const address = await service.address;
  const keys = await keysOf(tenantNamed("neighbour"), KEYS);
  // A connection for each: neither waits for the other.
  const [runs, probes] = [new Agent({ connections: 1 }), new Agent({ connections: 1 })];
  let starts = 0;
  const post = async (path: string, body: unknown): Promise<{ id: number; status: string }> => {
    const authorization = `Bearer ${keys[Math.floor(starts++ / RUNS_PER_KEY) % KEYS]}`;
    const headers = { authorization, "content-type": "application/json" };
    const answer = await request(`${address}${path}`, {
      method: "POST",
      dispatcher: runs,
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text) as { id: number; status: string };
  };
  const steps = [{ name: "hello", type: "log", config: { message: "hello" } }];
  const { id } = await post("/api/v1/workflows", { name: "lone", workflow_config: { steps } });
  const run = async (): Promise<void> => {
    await post(`/api/v1/workflows/${id}/execute`, { trigger_data: {} });
  };
  const live = async (): Promise<void> => {
    await (await request(`${address}/live`, { dispatcher: probes })).body.dump();
  };
  const measure = async () => {
    const [runMs, liveMs] = await Promise.all([durations(run), durations(live)]);
    const [p50, p99] = [0.5, 0.99];
    return {
      runP50: percentile(runMs, p50),
      runP99: percentile(runMs, p99),
      liveP50: percentile(liveMs, p50),
      liveP99: percentile(liveMs, p99),
    };
  };

  for (let i = 0; i < 100; i++) await Promise.all([run(), live()]);
  const idle = await measure();
  const hostile = await childServer(hostileProgram, [
    load,
    address,
    ...(await keysOf(tenantNamed("hostile"), HOSTILE_KEYS)),
  ]);
  await sleep(SETTLE_MS);
  const beside = await measure();
  await hostile.stop();
  const values = {
    idleRunP50Ms: idle.runP50,
    idleRunP99Ms: idle.runP99,
    idleLiveP50Ms: idle.liveP50,
    idleLiveP99Ms: idle.liveP99,
    [`${load}RunP50`]: beside.runP50 / idle.runP50,
    [`${load}RunP99`]: beside.runP99 / idle.runP99,
    [`${load}LiveP50`]: beside.liveP50 / idle.liveP50,
    [`${load}LiveP99`]: beside.liveP99 / idle.liveP99,
  };
  await Promise.all([runs.destroy(), probes.destroy()]);
  console.log(JSON.stringify(values));
} finally {
  await service.kill("SIGKILL");
}
