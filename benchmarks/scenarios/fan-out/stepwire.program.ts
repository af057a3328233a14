import type { AddressInfo } from "node:net";
import pg from "pg";
import { createApiServer } from "../../../edge/index.ts";
import { channels } from "../../../engine/bus/bus.ts";
import { createLogger } from "../../../server/config/index.ts";
import { engineApi, serveGraphql } from "../../../server/graphql/index.ts";
import { benchmarkEngine, TENANT } from "../benchmark-engine.ts";
import { type FanOutServer, measureFanOut, stamp } from "./measure.ts";

const EXECUTIONS = 1_100;
const FIRST_ID = 1_000_000;
const query = `subscription ($id: ID!) {
  executionEvents(executionId: $id) { seq type stepName at }
}`;

/** The service's own API over an engine; the events are published as the journal does after a commit. */
async function serve(databaseUrl: string): Promise<FanOutServer> {
  const { engine, close } = await benchmarkEngine(databaseUrl);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await pool.query(
    `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
       trigger_data, depth, epoch, last_seq, created_at)
     SELECT gen_random_uuid(), id, $1::text, 1, 1, 'paused', 'none', 'manual', '{}', 0, 0, 1, now()
     FROM generate_series($2::bigint, $3::bigint) AS id`,
    [TENANT, FIRST_ID, FIRST_ID + EXECUTIONS],
  );
  await pool.query(
    `INSERT INTO execution_event (execution_id, seq, type, data, at)
     SELECT id, 1, 'execution.started', '{}', now() FROM execution WHERE id >= $1::bigint`,
    [FIRST_ID],
  );
  await pool.end();
  const logger = createLogger("error");
  const server = createApiServer(logger);
  await serveGraphql(server, engineApi(engine, logger));
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { secret } = await engine.keys.create({ tenantId: TENANT, name: "bench", scopes: ["read"], expiresAt: null });
  const seqs = new Map<number, number>();
  return {
    port: (server.server.address() as AddressInfo).port,
    subscription: (execution) => ({
      path: "/graphql",
      opening: { init: { apiKey: secret }, subscribe: { query, variables: { id: `ex_${FIRST_ID + execution}` } } },
    }),
    greeting: 1,
    publish: (execution) => {
      const executionId = FIRST_ID + execution;
      const seq = (seqs.get(execution) ?? 1) + 1;
      seqs.set(execution, seq);
      const data = { name: stamp(), output: null };
      engine.bus.publish(channels.execution(executionId), {
        executionId,
        seq,
        type: "step.completed",
        stepId: 1,
        data,
        at: Date.now(),
      });
    },
    close: async () => {
      await server.close();
      await close();
    },
  };
}

console.log(JSON.stringify(await measureFanOut(await serve(process.env.DATABASE_URL!))));
