import { mkdtemp } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiServer } from "../../edge/index.ts";
import {
  createDiskFileStore,
  createEngine,
  createHttpClient,
  type Engine,
  type ExecutionQueries,
  tenantNamed,
} from "../../engine/index.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { createLogger } from "../../server/config/index.ts";
import { engineApi, serveGraphql } from "../../server/graphql/index.ts";
import { EXECUTIONS, STEPS } from "./graphql-query.ts";

const TENANT = tenantNamed("bench");
const STORED = 100;

const source = process.argv[2];
const http = createHttpClient({ allowPrivate: [], userAgent: "stepwire-bench" });
const engine = await createEngine({
  databaseUrl: process.env.DATABASE_URL!,
  concurrency: 50,
  environment: new Map(),
  keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
  http,
  mailer: null,
  fileStore: await createDiskFileStore({ directory: await mkdtemp(join(tmpdir(), "stepwire-bench-files-")) }),
  // A budget of 500 points a minute would be spent in less than a tenth of a second.
  rateLimits: false,
  log: (level, message, fields) => level !== "info" && console.error(level, message, fields),
});
await seed(engine);
const logger = createLogger("error");
const server = createApiServer(logger);
const served =
  source === "memory" ? { ...engine, executionQueries: await fromMemory(engine.executionQueries) } : engine;
await serveGraphql(server, engineApi(served, logger));
await server.listen({ host: "127.0.0.1", port: 0 });
const { secret } = await engine.keys.create({ tenantId: TENANT, name: "bench", scopes: ["read"], expiresAt: null });
process.send?.({ origin: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`, secret });
process.once("SIGTERM", async () => {
  await server.close();
  await engine.stop(1_000);
  await http.close();
  process.disconnect();
});

async function seed({ workflows, executions, executionQueries }: Engine): Promise<void> {
  const filter = { statuses: ["completed"] as const };
  if ((await executionQueries.count(TENANT, filter)) > 0) return;
  const steps = Array.from({ length: STEPS }, (_, i) => ({ name: `step_${i}`, type: "log", config: { message: "x" } }));
  const { id } = await workflows.create(TENANT, { name: "bench", workflow_config: { steps } });
  for (let i = 0; i < STORED; i++) {
    const started = await executions.start({
      tenantId: TENANT,
      workflowId: id,
      triggerData: {},
      correlationId: "bench",
    });
    for await (const _ of await executions.events(TENANT, started.id, 0));
  }
}

/** The records as they were read once: what is left to measure is our own. */
async function fromMemory(queries: ExecutionQueries): Promise<ExecutionQueries> {
  const window = { limit: EXECUTIONS, after: null, before: null, fromEnd: false };
  const page = await queries.list(TENANT, {}, window);
  const steps = await queries.stepsOf(
    page.items.map(({ id }) => id),
    { ...window, limit: STEPS },
  );
  return Object.assign(Object.create(queries) as ExecutionQueries, {
    list: async () => page,
    stepsOf: async () => steps,
  });
}
