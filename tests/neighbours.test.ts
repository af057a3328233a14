import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { TenantId } from "../engine/index.ts";
import type { JsonObject } from "../engine/model/json.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { type TestEngine, testEngine } from "./support/engine.ts";

const SLOW = tenantNamed("slow");
const QUICK = tenantNamed("quick");
const BUSY = tenantNamed("busy");

/** Far fewer may compute than hang. */
const CONCURRENCY = 10;
const HANGING = 1_000;

let t: TestEngine;
let server: Server;
let origin: string;
let asked = 0;

/** A server that answers /answer only. */
before(async () => {
  server = createServer((request, response) => {
    if (request.url === "/answer") response.end("{}");
    else asked += 1;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function workflow(tenant: TenantId, ...steps: readonly JsonObject[]): Promise<number> {
  const name = `workflow ${Math.random()}`;
  return (await t.engine.workflows.create(tenant, { name, workflow_config: { steps } as unknown as JsonObject })).id;
}

const start = (tenantId: TenantId, workflowId: number) =>
  t.engine.executions.start({ tenantId, workflowId, triggerData: {} });

async function end(tenant: TenantId, id: number): Promise<string> {
  for await (const _ of await t.engine.executions.events(tenant, id, 0));
  return (await t.engine.executions.get(tenant, id)).status;
}

const call = (path: string): JsonObject => ({
  name: "call",
  type: "http_request",
  config: { url: `${origin}${path}`, timeout_seconds: 600 },
  retry: { max_attempts: 1 },
});
const log: JsonObject = { name: "log", type: "log", config: { message: "x" } };

describe("one tenant's work beside another's", { timeout: 120_000 }, () => {
  before(async () => {
    t = await testEngine({ concurrency: CONCURRENCY });
  });
  after(() => t.close());

  test("requests to a server that never answers hold no slot, and not all sockets to it", async () => {
    const hanging = await workflow(SLOW, call("/hang"));
    const started: number[] = [];
    for (let i = 0; i < HANGING; i += 50) {
      const runs = await Promise.all(Array.from({ length: 50 }, () => start(SLOW, hanging)));
      started.push(...runs.map(({ id }) => id));
    }
    const lone = await start(QUICK, await workflow(QUICK, log));
    assert.equal(lone.status, "completed", "it ran at once, and was stored with what it did");
    assert.equal(await end(QUICK, (await start(QUICK, await workflow(QUICK, call("/answer"), log))).id), "completed");
    // All of them come into hand: none waits for another's time-out.
    for (let load = t.engine.load(); load.inHand < HANGING || load.computing > 0; load = t.engine.load()) {
      await new Promise(setImmediate);
    }
    assert.ok(asked <= 128, `${asked} sockets to one server`);
    const [first] = started;
    await t.engine.executions.cancel(SLOW, first!, { compensate: false, reason: null });
    assert.equal(await end(SLOW, first!), "cancelled");
  });

  test("a tenant whose executions all compute leaves slots to the others", async () => {
    // An expression that takes its whole time: two are evaluated at once, the others compute in line.
    const spin = "{{($f := function($n) {$n > 0 ? $f($n - 1) : $f(100)}; $f(1))}}";
    const busy = await workflow(BUSY, {
      name: "spin",
      type: "log",
      config: { message: spin },
      retry: { max_attempts: 1 },
    });
    const runs = await Promise.all(Array.from({ length: 4 * CONCURRENCY }, () => start(BUSY, busy)));
    const lone = await start(QUICK, await workflow(QUICK, log));
    assert.equal(lone.status, "completed");
    assert.ok(t.engine.load().computing < CONCURRENCY);
    assert.ok(
      runs.some(({ status }) => status === "pending"),
      "some wait for a slot",
    );
    for (const { id } of runs) {
      await t.engine.executions.cancel(BUSY, id, { compensate: false, reason: null }).catch(() => {});
    }
  });
});
