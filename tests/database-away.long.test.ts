import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";
import { frailPostgres } from "./support/postgres.ts";

const REQUEST_MS = 2_000;
/** What a busy machine adds to a limit. */
const SLACK_MS = 2_000;
const BACK_MS = 5_000;

let postgres: Awaited<ReturnType<typeof frailPostgres>>;
let api: TestApi;
let server: Server;
let origin: string;
/** Idempotency keys by path: what reached the world. */
const effects = new Map<string, string[]>();
let hold: Promise<void> = Promise.resolve();

before(async () => {
  server = createServer((request, response) => {
    const { url = "" } = request;
    const keys = effects.get(url) ?? [];
    effects.set(url, keys);
    keys.push(String(request.headers["idempotency-key"]));
    request.resume().on("end", async () => {
      await hold;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ url }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  postgres = await frailPostgres();
  const databaseLimits = { statementMs: 1_500, lockMs: 500 };
  api = await testApi({ databaseUrl: postgres.url, databaseLimits }, {}, REQUEST_MS);
});
after(async () => {
  await api.close();
  server.closeAllConnections();
  server.close();
  await postgres.close();
});

const post = (path: string) => ({ type: "http_request", config: { method: "POST", url: `${origin}/${path}` } });

async function workflowOf(name: string, steps: readonly unknown[]): Promise<number> {
  const { status, body } = await api.rest("POST", "/api/v1/workflows", { name, workflow_config: { steps } });
  assert.equal(status, 200, JSON.stringify(body));
  return body.id;
}

const start = (workflowId: number, key?: string) =>
  api.rest("POST", `/api/v1/workflows/${workflowId}/execute`, {
    trigger_data: {},
    ...(key && { idempotency_key: key }),
  });

/** The id of an execution, started as soon as that can be: after a fault it may take a moment. */
async function started(workflowId: number): Promise<number> {
  for (;;) {
    const { status, body } = await start(workflowId);
    if (status === 200) return body.execution_id ?? body.id;
    assert.equal(body.error_code, "DATABASE_UNAVAILABLE");
    await sleep(50);
  }
}

/** What an answer was, and how long it took. */
async function timed<T>(ask: Promise<T>): Promise<{ answer: T; ms: number }> {
  const startedAt = performance.now();
  const answer = await ask;
  return { answer, ms: performance.now() - startedAt };
}

async function executionsOf(
  workflowId: number,
): Promise<{ id: number; status: string; idempotency_key: string | null }[]> {
  const client = await postgres.connect();
  try {
    const text = "SELECT id, status, idempotency_key FROM execution WHERE workflow_id = $1::int";
    return (await client.query(text, [workflowId])).rows;
  } finally {
    await client.end();
  }
}

/** By the events of each, which read on by themselves. */
async function finished(id: number): Promise<string> {
  for await (const _ of await api.t.engine.executions.events(TENANT, id, 0));
  return (await api.t.engine.executions.get(TENANT, id)).status;
}

interface Fault {
  begin(): Promise<void>;
  end(): Promise<void>;
  /** What it stands in the way of. */
  readonly reads: boolean;
  readonly trouble: readonly string[];
}

let locker: pg.Client;
const setting = (value: "on" | "off") => async () => {
  await postgres.run(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await postgres.run("SELECT pg_reload_conf()");
};
const faults: Readonly<Record<string, Fault>> = {
  "shut down fast": {
    begin: () => postgres.stop("fast"),
    end: () => postgres.start(),
    reads: false,
    trouble: ["away"],
  },
  "shut down at once": {
    begin: () => postgres.stop("immediate"),
    end: () => postgres.start(),
    reads: false,
    trouble: ["away"],
  },
  unreachable: {
    begin: async () => postgres.proxy.set("silent"),
    end: async () => postgres.proxy.set("open"),
    reads: false,
    trouble: ["busy", "away"],
  },
  locked: {
    begin: async () => {
      locker = await postgres.connect();
      await locker.query("BEGIN; LOCK TABLE execution");
    },
    end: () => locker.end(),
    reads: false,
    trouble: ["busy"],
  },
  "read-only": { begin: setting("on"), end: setting("off"), reads: true, trouble: ["read-only"] },
  // A full disk says so with this code. Raised by a trigger: the same at every machine, and nothing is filled.
  full: {
    begin: async () => {
      await postgres.run(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`);
      await postgres.run(
        "CREATE TRIGGER no_room BEFORE INSERT ON execution FOR EACH STATEMENT EXECUTE FUNCTION no_room()",
      );
    },
    end: () => postgres.run("DROP FUNCTION no_room CASCADE"),
    reads: true,
    trouble: ["full"],
  },
};

describe("a database that does not serve", { timeout: 300_000 }, () => {
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name}: each request is answered in time by every face, and all is well soon after`, async (t) => {
      const workflowId = await workflowOf(`for ${name}`, [{ name: "say", type: "log", config: { message: "hello" } }]);
      assert.equal((await start(workflowId)).status, 200);
      const before = (await executionsOf(workflowId)).length;
      const client = api.client();
      // The socket is open before.
      await new Promise<void>((resolve, reject) =>
        client.subscribe({ query: "{ __typename }" }, { next: () => {}, error: reject, complete: resolve }),
      );

      await fault.begin();
      let isEnded = false;
      const end = async () => {
        if (!isEnded) await fault.end();
        isEnded = true;
      };
      t.after(end);
      const mutation = `mutation { executeWorkflow(input: { workflowId: "${workflowId}" }) { userErrors { code } } }`;
      const overSocket = new Promise<{ code?: unknown }>((resolve) => {
        const told = (errors: readonly { extensions?: object }[] = []) =>
          resolve((errors[0]?.extensions ?? {}) as object);
        client.subscribe(
          { query: mutation },
          {
            next: ({ errors }) => told(errors),
            // Errors of the operation; or the socket was closed before it, with the code as its reason.
            error: (error) =>
              Array.isArray(error) ? told(error) : resolve({ code: (error as { reason?: string }).reason }),
            complete: () => {},
          },
        );
      });
      const asked = [1, 2, 3].map((n) => timed(start(workflowId, `${name} ${n}`)));
      const [rest, graphql, socket, ...probes] = await Promise.all([
        Promise.all(asked),
        timed(api.query(mutation)),
        timed(overSocket),
        timed(api.rest("GET", "/live")),
        timed(api.rest("GET", "/health")),
      ]);
      for (const { answer, ms } of rest) {
        assert.deepEqual(
          [answer.status, answer.body.error_code],
          [503, "DATABASE_UNAVAILABLE"],
          JSON.stringify(answer.body),
        );
        assert.ok(Number(answer.headers.get("retry-after")) > 0);
        assert.ok(ms < REQUEST_MS + SLACK_MS, `${ms} ms`);
      }
      assert.equal(graphql.answer.errors[0]?.extensions.code, "DATABASE_UNAVAILABLE");
      assert.deepEqual([graphql.answer.status, graphql.answer.headers.get("retry-after")], [503, "2"]);
      assert.equal(socket.answer.code, "DATABASE_UNAVAILABLE");
      for (const { answer, ms } of probes) {
        assert.equal(answer.status, 200);
        assert.ok(ms < 1_000 + SLACK_MS / 2, `${ms} ms`);
      }
      // It is up to a second old, and what fails at once has told of the outage sooner.
      let health = await api.rest("GET", "/health");
      const askedAt = performance.now();
      for (; health.body.database_trouble === null && performance.now() - askedAt < 1_000 + SLACK_MS; await sleep(50))
        health = await api.rest("GET", "/health");
      assert.ok(fault.trouble.includes(health.body.database_trouble), JSON.stringify(health.body));
      assert.equal(health.body.components.database, "unhealthy");
      const ready = await api.rest("GET", "/ready");
      assert.deepEqual([ready.status, ready.body.error_code], [503, "NOT_READY"]);
      const read = await timed(api.rest("GET", `/api/v1/workflows/${workflowId}`));
      assert.equal(read.answer.status, fault.reads || name === "locked" ? 200 : 503);
      assert.ok(read.ms < REQUEST_MS + SLACK_MS);

      await end();
      const endedAt = performance.now();
      let again = await start(workflowId, `${name} 1`);
      for (; again.status === 503 && performance.now() - endedAt < BACK_MS; await sleep(50))
        again = await start(workflowId, `${name} 1`);
      assert.equal(again.status, 200, JSON.stringify(again.body));
      assert.ok(performance.now() - endedAt < BACK_MS + SLACK_MS);
      while ((await api.rest("GET", "/ready")).status !== 200) {
        assert.ok(performance.now() - endedAt < 2 * BACK_MS, JSON.stringify((await api.rest("GET", "/health")).body));
        await sleep(100);
      }
      // What was said not to run does not, and of what nobody knew each key has one at most.
      const found = await executionsOf(workflowId);
      const keys = found.flatMap(({ idempotency_key: key }) => (key === null ? [] : [key]));
      assert.equal(new Set(keys).size, keys.length);
      const unknown = rest.filter(({ answer }) => answer.body.detail.includes("not known")).length;
      assert.ok(found.length <= before + unknown + 1 + 2, `${found.length} of ${before} and ${unknown}`);
      for (const { id } of found) assert.equal(await finished(id), "completed");
      await client.dispose();
    });
  }

  test("goes away again and again: every execution ends, each effect came once or once more for each time, with one key", async () => {
    const steps = Array.from({ length: 6 }, (_, n) => ({ name: `s${n}`, ...post(`{{trigger.run}}/${n}`) }));
    const workflowId = await workflowOf("restarts", steps);
    const refused: unknown[] = [];
    const started: number[] = [];
    let isOver = false;
    const clients = Array.from({ length: 4 }, async (_, n) => {
      for (let i = 0; !isOver; i++) {
        const run = `run-${n}-${i}`;
        const body = { trigger_data: { run }, idempotency_key: run };
        const { status, body: answer } = await api.rest("POST", `/api/v1/workflows/${workflowId}/execute`, body);
        if (status === 200) started.push(answer.execution_id ?? answer.id);
        else if (answer.error_code !== "DATABASE_UNAVAILABLE") refused.push(answer);
        await sleep(20);
      }
    });
    const admin = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'stepwire%'";
    let times = 0;
    for (const how of ["fast", "immediate", "terminate", "fast", "terminate", "immediate"] as const) {
      const before = started.length;
      while (started.length === before) await sleep(5);
      times += 1;
      if (how === "terminate") await postgres.run(admin);
      else {
        await postgres.stop(how);
        await postgres.start();
      }
    }
    isOver = true;
    await Promise.all(clients);
    assert.deepEqual(refused, []);
    assert.ok(started.length > 0);
    for (const { id } of await executionsOf(workflowId)) assert.equal(await finished(id), "completed");
    for (const [path, keys] of effects) {
      if (!path.startsWith("/run-")) continue;
      assert.equal(new Set(keys).size, 1, path);
      assert.ok(keys.length <= 1 + times, `${path} came ${keys.length} times`);
    }
  });

  test("a result that was obtained waits for it, and no effect comes a second time", async () => {
    const items = Array.from({ length: 300 }, (_, n) => n);
    const workflowId = await workflowOf("waits", [
      { name: "all", ...post("waits/{{item}}"), for_each: { items, concurrency: 20 } },
      { name: "sub", type: "log", config: { message: "done" } },
    ]);
    const gate = Promise.withResolvers<void>();
    hold = gate.promise;
    const id = await started(workflowId);
    const arrived = () => [...effects.keys()].filter((path) => path.startsWith("/waits/")).length;
    while (arrived() < 20) await sleep(5);
    postgres.proxy.set("closed");
    gate.resolve();
    hold = Promise.resolve();
    await sleep(1_000);
    postgres.proxy.set("open");
    assert.equal(await finished(id), "completed");
    const counts = [...effects].filter(([path]) => path.startsWith("/waits/")).map(([, keys]) => keys.length);
    assert.deepEqual([counts.length, Math.max(...counts)], [300, 1]);
  });

  test("a stream outlives it, without a gap", async () => {
    const workflowId = await workflowOf("streams", [
      { name: "wait", type: "wait_for_event", config: { event: "go" } },
      { name: "end", type: "log", config: { message: "gone" } },
    ]);
    const id = await started(workflowId);
    const query = `subscription { executionEvents(executionId: "${id}", after: 0) { seq type } }`;
    const seqs: number[] = [];
    const heard = Promise.withResolvers<void>();
    const over = new Promise<void>((resolve, reject) =>
      api.client().subscribe<{ executionEvents: { seq: number } }>(
        { query },
        {
          next: ({ data, errors }) => {
            if (errors) reject(errors);
            seqs.push(data!.executionEvents.seq);
            heard.resolve();
          },
          error: reject,
          complete: resolve,
        },
      ),
    );
    await heard.promise;
    await postgres.stop("fast");
    await sleep(500);
    await postgres.start();
    const mutation = `mutation { sendEvent(input: { executionId: "${id}", name: "go", data: {} }) { userErrors { code } } }`;
    for (let sent = await api.query(mutation); sent.status === 503; sent = await api.query(mutation)) await sleep(50);
    await over;
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => i + 1),
    );
  });
});
