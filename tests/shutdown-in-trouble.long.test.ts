import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { frailPostgres } from "./support/postgres.ts";
import { API_KEY, ask, ended, workflowOf } from "./support/rest-client.ts";
import { startService } from "./support/service.ts";

const EXECUTIONS = 5;

describe("a stop while Postgres stores nothing", { timeout: 300_000 }, () => {
  const held: ServerResponse[] = [];
  let isHolding = true;
  const server = createServer((_, response) => {
    if (isHolding) held.push(response);
    else response.end("{}");
  });
  let postgres: Awaited<ReturnType<typeof frailPostgres>>;
  let url: string;

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    postgres = await frailPostgres();
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await postgres.close();
  });

  const faults: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
    "is full": async () => {
      await postgres.run(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`);
      await postgres.run(
        "CREATE TRIGGER no_room BEFORE INSERT ON execution_event FOR EACH STATEMENT EXECUTE FUNCTION no_room()",
      );
      return () => postgres.run("DROP FUNCTION IF EXISTS no_room CASCADE");
    },
    "refuses connections": async () => {
      postgres.proxy.set("closed");
      return async () => postgres.proxy.set("open");
    },
  };
  for (const [how, begin] of Object.entries(faults)) {
    test(`that ${how}: it exits 0 in time, and what it had in hand goes on with the next start`, async (t) => {
      const env = { DATABASE_URL: postgres.url, API_KEY, LOG_LEVEL: "info", ALLOW_PRIVATE_NETWORK: "127.0.0.1" };
      const service = startService({ env });
      t.after(() => service.kill("SIGKILL"));
      const id = await workflowOf(service, how, [{ name: "fetch", type: "http_request", config: { url } }]);
      const ids: number[] = [];
      isHolding = true;
      for (let n = 0; n < EXECUTIONS; n++) {
        ids.push((await ask(service, "POST", `/api/v1/workflows/${id}/execute`, {})).body.execution_id);
      }
      while (held.length < EXECUTIONS) await once(server, "request");
      const end = await begin();
      t.after(end);
      // What they bring back cannot be stored.
      for (const response of held.splice(0)) response.end("{}");
      const { code, stdout, stderr } = await service.kill("SIGTERM");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
      await end();

      isHolding = false;
      const next = startService({ env });
      t.after(() => next.kill("SIGTERM"));
      for (const one of ids) assert.equal((await ended(next, one)).status, "completed");
    });
  }
});
