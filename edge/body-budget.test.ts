import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { DomainError, MemoryBudget } from "../engine/index.ts";
import { createLogger } from "../server/config/index.ts";
import { createApiServer } from "./api-server.ts";
import { holdBodies } from "./body-budget.ts";

const KIB = 1024;

describe("bodies of requests", { timeout: 30_000 }, () => {
  const memory = new MemoryBudget(1_000 * KIB);
  let server: FastifyInstance;
  let address: string;
  let reached = Promise.withResolvers<void>();
  let answer = Promise.withResolvers<void>();

  before(async () => {
    server = createApiServer(createLogger("silent"));
    holdBodies(server, memory);
    server.setErrorHandler(async (error, _request, reply) => {
      if (!(error instanceof DomainError)) throw error;
      return reply.code(503).header("retry-after", error.retryAfterSeconds).send({ code: error.code });
    });
    server.post("/slow", async () => {
      reached.resolve();
      await answer.promise;
      return {};
    });
    server.post("/quick", async () => ({}));
    await server.listen({ host: "127.0.0.1", port: 0 });
    address = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.server.closeAllConnections();
    await server.close();
  });

  const post = (path: string, kib: number) =>
    fetch(`${address}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify("x".repeat(kib * KIB)),
    });

  test("are taken in while there is room for all of them, and refused by name before they are read", async () => {
    const slow = post("/slow", 120);
    await reached.promise;
    const refused = await post("/quick", 100);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.deepEqual(await refused.json(), { code: "OVERLOADED" });
    assert.equal((await post("/quick", 8)).status, 200, "a small one is not asked about");
    answer.resolve();
    assert.equal((await slow).status, 200);
    await (await slow).arrayBuffer();
    while (memory.usedBytes > 0) await new Promise(setImmediate);
    assert.equal((await post("/quick", 100)).status, 200);
  });

  test("give their room back when the client goes away", async () => {
    reached = Promise.withResolvers();
    answer = Promise.withResolvers();
    const abort = new AbortController();
    const gone = fetch(`${address}/slow`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify("x".repeat(120 * KIB)),
      signal: abort.signal,
    });
    await reached.promise;
    abort.abort();
    await assert.rejects(gone);
    while (memory.usedBytes > 0) await new Promise(setImmediate);
    answer.resolve();
  });
});
