import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { testDatabase } from "./support/postgres.ts";
import { headOf, rawConnection } from "./support/raw.ts";
import { API_KEY } from "./support/rest-client.ts";
import { type Service, startService } from "./support/service.ts";

const FAILED_KEYS = 5;
const CONNECTIONS = 40;

describe("a service among strangers", { timeout: 180_000 }, () => {
  let service: Service;
  let address: string;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await testDatabase();
    drop = database.drop;
    service = startService({
      env: {
        DATABASE_URL: database.url,
        API_KEY,
        LOG_LEVEL: "error",
        FAILED_KEYS_PER_MINUTE: String(FAILED_KEYS),
        MAX_CONNECTIONS_PER_ADDRESS: String(CONNECTIONS),
        ALLOWED_HOSTS: "flows.internal",
      },
    });
    address = await service.address;
  });
  after(async () => {
    const { code, stdout } = await service.kill("SIGTERM");
    await drop();
    assert.equal(code, 0);
    const told = stdout.split("\n").filter((line) => line.startsWith("{"));
    assert.deepEqual(told, [], "nothing of this is an error of ours");
  });

  const ask = (method: string, path: string, key: string | null, headers: Record<string, string> = {}) =>
    fetch(address + path, {
      method,
      headers: { ...(key !== null && { authorization: `Bearer ${key}` }), connection: "close", ...headers },
    });

  /** The status of a request for a host; `fetch` lets nobody choose it. */
  async function statusFor(host: string, upgrade: Record<string, string | number> = {}): Promise<number> {
    const connection = await rawConnection(address);
    connection.send(headOf("GET /graphql", { host, ...upgrade }));
    const [, status] = await connection.until(/^HTTP\/1\.1 (\d+)/);
    connection.socket.destroy();
    return Number(status);
  }

  test("is asked for by its address, localhost or a name that is allowed, and by no other", async () => {
    for (const host of ["127.0.0.1", "localhost:8006", "[::1]", "flows.internal"])
      assert.equal(await statusFor(host), 401);
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": 13,
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": "graphql-transport-ws",
    };
    assert.equal(await statusFor("evil.example"), 403);
    assert.equal(await statusFor("evil.example:8006", upgrade), 403);
    assert.equal(await statusFor("flows.internal", upgrade), 101);
  });

  test("takes so many connections of one address, and is there for it again when they are gone", async () => {
    const held = await Promise.all(Array.from({ length: CONNECTIONS }, () => rawConnection(address)));
    const oneMore = await rawConnection(address);
    await oneMore.closed;
    for (const { socket } of held) socket.destroy();
    await Promise.all(held.map(({ closed }) => closed));
    let status = 0;
    // Until the service has seen them go.
    while (status !== 200)
      status = await ask("GET", "/live", null).then(
        (answer) => answer.status,
        () => 0,
      );
  });

  test("clients that go away in the middle of their bodies cost it nothing", async () => {
    for (let i = 0; i < 20; i++) {
      const connection = await rawConnection(address);
      const key = i % 2 ? { authorization: `Bearer ${API_KEY}` } : {};
      const path = i % 4 < 2 ? "/graphql" : "/api/v1/workflows";
      connection.send(headOf(`POST ${path}`, { "content-type": "application/json", "content-length": 5_000, ...key }));
      connection.send("{");
      connection.socket.end();
      await connection.closed;
    }
    assert.equal((await ask("GET", "/live", null)).status, 200);
  });

  test("looks up so many unknown keys of an address, whichever way they come, and then none; known ones go on", async () => {
    assert.equal((await ask("GET", "/api/v1/workflows", API_KEY)).status, 200);
    assert.equal((await ask("GET", "/api/v1/workflows", "sw_nobodys")).status, 401);
    assert.equal((await ask("POST", "/graphql", "sw_nobodys")).status, 401);
    assert.equal((await ask("GET", "/graphql/stream", "sw_nobodys", { accept: "text/event-stream" })).status, 401);
    assert.equal((await ask("POST", "/hooks/whk_nobodys", null)).status, 404);
    assert.equal(await closeCodeOf("sw_nobodys"), 4403);

    for (const [method, path] of [
      ["GET", "/api/v1/workflows"],
      ["POST", "/graphql"],
      ["POST", "/graphql/stream"],
    ] as const) {
      const braked = await ask(method, path, "sw_another");
      assert.equal(braked.status, 429, path);
      assert.ok(Number(braked.headers.get("retry-after")) > 0);
      assert.match(await braked.text(), /RATE_LIMITED/);
    }
    assert.equal((await ask("POST", "/hooks/whk_another", null)).status, 429);
    assert.equal(await closeCodeOf("sw_another"), 4430);
    const saga = await fetch(`${await service.sagaAddress}/api/v1/sagas`, { headers: { "x-api-key": "sw_another" } });
    assert.equal(saga.status, 429, "the other port counts with it");
    assert.equal((await ask("GET", "/api/v1/workflows", API_KEY)).status, 200);
    const metrics = await (await ask("GET", "/metrics", null)).text();
    assert.match(metrics, /^stepwire_keys_refused_total\{reason="unknown"\} 5$/m);
    assert.match(metrics, /^stepwire_keys_refused_total\{reason="braked"\} 6$/m);
    assert.match(metrics, /^stepwire_connections_cut_total\{reason="too_many_of_address"\} [1-9]/m);
    assert.match(metrics, /^stepwire_connections_cut_total\{reason="foreign_host"\} 2$/m);
  });

  async function closeCodeOf(apiKey: string): Promise<number> {
    const socket = new WebSocket(`${address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey } }));
    const [code] = (await once(socket, "close")) as [number];
    return code;
  }
});
