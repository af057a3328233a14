import pg from "pg";
import { API_KEY, ask, workflowOf } from "../../tests/support/rest-client.ts";
import { type Service, startService } from "../../tests/support/service.ts";
import { loneLatency } from "../harness/load.ts";
import type { BenchmarkServer } from "../harness/postgres-server.ts";
import type { Scenario, Values } from "../harness/scenario.ts";

const SMALL = 100;
const LARGE = 1_000_000;
const REQUESTS = 300;

/** A page of executions, from a table of a hundred and from one of a million: it has to be the same within noise. */
export const restList: Scenario = {
  name: "rest-list",
  metrics: [
    { id: "smallP50Ms", label: "GET /api/v1/workflows/executions, 100 in the table, p50", unit: "ms" },
    { id: "smallP99Ms", label: "such a request, p99", unit: "ms" },
    { id: "largeP50Ms", label: "the same, 1,000,000 in the table, p50", unit: "ms" },
    { id: "largeP99Ms", label: "such a request, p99", unit: "ms" },
    { id: "filteredP50Ms", label: "the same, only the failed ones (one in ten thousand), p50", unit: "ms" },
  ],
  async open(server) {
    const small = await openTable(server, "rest-list-small", SMALL);
    const large = await openTable(server, "rest-list-large", LARGE);
    return {
      async measure(): Promise<Values> {
        const first = await latency(small.service, "");
        const second = await latency(large.service, "");
        const filtered = await latency(large.service, "?status=failed");
        return {
          smallP50Ms: first.p50Ms,
          smallP99Ms: first.p99Ms,
          largeP50Ms: second.p50Ms,
          largeP99Ms: second.p99Ms,
          filteredP50Ms: filtered.p50Ms,
        };
      },
      async close() {
        for (const { close } of [small, large]) await close();
      },
    };
  },
};

function latency(service: Service, query: string) {
  return loneLatency(REQUESTS, async () => {
    const { status } = await ask(service, "GET", `/api/v1/workflows/executions${query}`);
    if (status !== 200) throw new Error(`The list answered ${status}`);
  });
}

async function openTable(server: BenchmarkServer, name: string, rows: number) {
  const database = await server.freshDatabase(name);
  const env = { DATABASE_URL: database.url, API_KEY, RATE_LIMITS: "off", LOG_LEVEL: "error" };
  const service = startService({ env });
  await service.address;
  const workflowId = await workflowOf(service, "listed", [{ type: "log", config: { message: "x" } }]);
  await fill(database.url, workflowId, rows);
  return {
    service,
    close: async () => {
      await service.kill("SIGTERM");
      await database.drop();
    },
  };
}

/** Executions that are over, as if they had run: one in ten thousand failed. */
async function fill(databaseUrl: string, workflowId: number, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, outcome, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at, started_at, completed_at)
     SELECT gen_random_uuid(), n, 'default', $1::int, 1, CASE n % 10000 WHEN 0 THEN 'failed' ELSE 'completed' END, 'none',
       CASE n % 10000 WHEN 0 THEN 'failed' END, 'manual', '{}', 0, 1, 9, now(), now(), now()
     FROM generate_series(1, $2::int) AS n`,
    [workflowId, rows],
  );
  await client.query("VACUUM ANALYZE execution");
  await client.end();
}
