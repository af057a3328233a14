import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type Autocannon from "autocannon";
import Fastify from "fastify";
import pg from "pg";
import { API_KEY, ask, workflowOf } from "../../tests/support/rest-client.ts";
import { startService } from "../../tests/support/service.ts";
import { sustainedRate } from "../harness/load.ts";
import { peerFolder } from "../harness/peer.ts";
import { percentile } from "../harness/statistics.ts";

const autocannon: typeof Autocannon = createRequire(`${peerFolder("autocannon")}/`)("autocannon");

const CONNECTIONS = 50;
const WARM_UP_SECONDS = 1;
const SECONDS = 3;
const WORKFLOWS = 100;
/** As many as the service has for its own queries. */
const POOL_SIZE = 6;

const steps = [{ name: "hello", type: "log", config: { message: "order {{trigger.order}}" } }];
const databaseUrl = process.env.DATABASE_URL!;

interface Measure {
  readonly perSecond: number;
  readonly p99Ms: number;
}

async function load(url: string, options: Partial<Autocannon.Options> = {}): Promise<Measure> {
  const common = { url, connections: CONNECTIONS, headers: { authorization: `Bearer ${API_KEY}` }, ...options };
  await autocannon({ ...common, duration: WARM_UP_SECONDS });
  const { requests, latency, non2xx, errors } = await autocannon({ ...common, duration: SECONDS });
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} refused, ${errors} broken`);
  return { perSecond: requests.average, p99Ms: latency.p99 };
}

/** Postgres as the service's pool would use it, with nothing around. */
async function bareQueries(workflowId: number): Promise<Measure> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE });
  const durationsMs: number[] = [];
  const query = { name: "bare", text: "SELECT * FROM workflow WHERE id = $1::int", values: [workflowId] };
  const { perSecond } = await sustainedRate(
    { inFlight: CONNECTIONS, warmUpMs: WARM_UP_SECONDS * 1_000, measureMs: SECONDS * 1_000 },
    async () => {
      const startedAt = performance.now();
      await pool.query(query);
      durationsMs.push(performance.now() - startedAt);
    },
  );
  await pool.end();
  return { perSecond, p99Ms: percentile(durationsMs, 0.99) };
}

/** In this process, and so with the load: that favours the service. */
async function bareRoute(body: object): Promise<Measure> {
  const server = Fastify();
  server.get("/", async () => body);
  await server.listen({ host: "127.0.0.1", port: 0 });
  const measured = await load(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}/`);
  await server.close();
  return measured;
}

const service = startService({ env: { DATABASE_URL: databaseUrl, API_KEY, RATE_LIMITS: "off", LOG_LEVEL: "error" } });
try {
  const address = await service.address;
  const workflows = `${address}/api/v1/workflows`;
  let id = 0;
  for (let n = 0; n < WORKFLOWS; n++) id = await workflowOf(service, `workflow ${n}`, steps);
  const { body } = await ask(service, "GET", `/api/v1/workflows/${id}`);

  const measures = {
    bareRoute: await bareRoute(body),
    bareQuery: await bareQueries(id),
    getWorkflow: await load(`${workflows}/${id}`),
    list: await load(`${workflows}?limit=${WORKFLOWS}`),
    execute: await load(`${workflows}/${id}/execute`, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ trigger_data: { order: 7 } }),
    }),
  };
  const values = Object.entries(measures).flatMap(([name, { perSecond, p99Ms }]) => [
    [name, perSecond],
    [`${name}P99Ms`, p99Ms],
  ]);
  console.log(JSON.stringify(Object.fromEntries(values)));
} finally {
  service.process.kill("SIGTERM");
  await once(service.process, "close");
}
