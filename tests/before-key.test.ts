import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestApi, testApi } from "./support/api.ts";
import { headOf, rawConnection } from "./support/raw.ts";
import { type SagaApi, sagaApi } from "./support/saga-api.ts";

/** What GraphQL would take, with a key. */
const BODY_BYTES = 4 * 1024 * 1024;

let api: TestApi;
let sagas: SagaApi;
before(async () => {
  [api, sagas] = await Promise.all([testApi(), sagaApi()]);
});
after(() => Promise.all([api.close(), sagas.close()]));

const websocket = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": 13,
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "graphql-transport-ws",
};

describe("a request without a key is refused before its body is there", () => {
  const ports = { engine: () => api.address, sagas: () => sagas.address };
  for (const [port, line, type, status] of [
    ["engine", "POST /graphql", "application/json", 401],
    ["engine", "POST /graphql/stream", "application/json", 401],
    ["engine", "POST /api/v1/workflows", "application/json", 401],
    ["engine", "PUT /api/v1/workflows/1", "application/json", 401],
    ["engine", "POST /api/v1/files/upload", "multipart/form-data; boundary=x", 401],
    ["engine", "POST /hooks/nobodys", "application/json", 404],
    ["engine", "POST /nowhere", "application/json", 404],
    ["sagas", "POST /graphql", "application/json", 401],
    ["sagas", "POST /api/v1/sagas/start", "application/json", 401],
    ["sagas", "POST /sagas/start", "application/json", 401],
    ["sagas", "POST /nowhere", "application/json", 404],
  ] as const) {
    test(`${line} of the ${port}: ${status}`, async () => {
      const connection = await rawConnection(ports[port]());
      connection.send(headOf(line, { "content-type": type, "content-length": BODY_BYTES }));
      const [, found] = await connection.until(/^HTTP\/1\.1 (\d+)/);
      assert.equal(Number(found), status);
      // It sends nothing more: it is not waited for.
      await connection.closed;
    });
  }

  test("a body that comes all the same is not kept, and the answer is seen", async () => {
    const connection = await rawConnection(api.address);
    connection.send(headOf("POST /graphql", { "content-type": "application/json", "content-length": BODY_BYTES }));
    connection.send(Buffer.alloc(BODY_BYTES));
    await connection.until(/UNAUTHENTICATED/);
    // Whole, and so the connection is good for the next.
    connection.send(headOf("GET /live"));
    await connection.until(/alive/);
    connection.socket.destroy();
  });
});

describe("a WebSocket before its key", () => {
  test("is closed when it sends more than a key", async () => {
    const connection = await rawConnection(api.address);
    connection.send(headOf("GET /graphql", websocket));
    await connection.until(/101 Switching/);
    // The head of a masked text frame of 1 MiB.
    connection.send(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]));
    connection.send(Buffer.alloc(64 * 1024));
    await connection.closed;
  });

  test("is closed when it says nothing", async () => {
    const connection = await rawConnection(api.address);
    connection.send(headOf("GET /graphql", websocket));
    await connection.until(/101 Switching/);
    await connection.until(/initialisation timeout/);
    connection.socket.destroy();
  });
});

describe("what a stranger sends costs a stranger's connection", () => {
  for (const target of ["//", "//graphql", "http://[", "*", "/%", "\\", "///x?\\", "/graphql%00"]) {
    test(`an upgrade at ${target}`, async () => {
      const connection = await rawConnection(api.address);
      connection.send(headOf(`GET ${target}`, websocket));
      await connection.until(/^HTTP\/1\.1 40[04] /);
      connection.socket.destroy();
      assert.equal((await fetch(`${api.address}/live`)).status, 200);
    });
  }

  test("an upgrade to something else is a plain request", async () => {
    const connection = await rawConnection(api.address);
    connection.send(
      headOf("GET /live", { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AA" }),
    );
    await connection.until(/^HTTP\/1\.1 200 .*alive/s);
    connection.socket.destroy();
  });

  test("a client that keeps its end open after broken HTTP is cut", async () => {
    const connection = await rawConnection(api.address);
    connection.send("hello\r\n\r\n");
    await connection.until(/^HTTP\/1\.1 400 /);
    await connection.closed;
  });
});

describe("every answer", () => {
  for (const path of ["/", "/live", "/openapi.json", "/nowhere", "/%zz", "/graphql", "/docs/", "/api/v1/workflows"]) {
    test(`says that ${path} is not to be guessed at, nor kept`, async () => {
      const { headers } = await fetch(api.address + path);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("cache-control") ?? "", /no-store|max-age/);
    });
  }
});
