import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { testDatabase } from "./support/postgres.ts";
import { headOf, type RawConnection, rawConnection } from "./support/raw.ts";
import { API_KEY } from "./support/rest-client.ts";
import { seeded } from "./support/seeded.ts";
import { type Service, startService } from "./support/service.ts";

/** FUZZ_SEED repeats a run; FUZZ_ROUNDS makes a longer one. */
const seed = Number(process.env.FUZZ_SEED ?? randomBytes(4).readUInt32LE());
const rounds = Number(process.env.FUZZ_ROUNDS ?? 1_000);
const AT_ONCE = 20;
/** Of what is sent in a trickle, or stays open. */
const PATIENCE_MS = 100;

const random = seeded(seed);
const below = (n: number): number => Math.floor(random() * n);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)]!;
const some = (max: number, part: () => string): string => Array.from({ length: below(max + 1) }, part).join("");
const byte = (): string => String.fromCharCode(below(256));
const maybe = (text: string): string => (random() < 0.5 ? text : "");

const paths = [
  "/",
  "//",
  "/graphql",
  "/graphql/stream",
  "/live",
  "/hooks/x",
  "/docs",
  "/api/v1/workflows",
  "/api/v1/files/upload",
  "/events",
  "*",
  "http://[",
  "/%",
  "/..//",
  "/graphql?query=%",
  "/ready",
];
const methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "CONNECT", "TRACE", "PATCH", "PRI", "", "get"];
const versions = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "", "http/1.1"];
const headers = [
  "Host: 127.0.0.1",
  "Host: evil.example",
  "Host: [",
  "Host:",
  "Content-Length: 10",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: x, chunked",
  "Connection: close",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Upgrade: \x00",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Version: 99",
  "Sec-WebSocket-Protocol: graphql-transport-ws",
  "Sec-WebSocket-Extensions: permessage-deflate; x=",
  "Authorization: Bearer",
  "Authorization: Bearer wrong",
  `Authorization: Bearer ${API_KEY}`,
  "X-API-Key: \xff",
  "Content-Type: application/json",
  "Content-Type: multipart/form-data; boundary=",
  "Content-Type: ;;;",
  "Accept: text/html",
  "Accept: text/event-stream",
  "Last-Event-ID: -1",
  "Expect: 100-continue",
  "Expect: x",
  "Range: bytes=-",
  "If-None-Match: *",
  "X-Forwarded-For: ,,,",
  "traceparent: 00-",
  "X-Correlation-ID: \t",
];
const bodies = [
  "{",
  "[]",
  "null",
  '{"query":"{__typename}"}',
  '{"query":5}',
  '{"query":"{',
  "0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\n",
  "ffffffffffffffff\r\n",
  "--\r\n",
];

const request = (): string =>
  `${oneOf(methods)} ${oneOf(paths)}${maybe(some(8, byte))} ${oneOf(versions)}\r\n${some(9, () => `${oneOf(headers)}${maybe(some(3, byte))}\r\n`)}\r\n${maybe(oneOf(bodies))}${maybe(some(40, byte))}`;

/** Masked or not, whole or not, of any kind and length. */
function frame(): Buffer {
  const length = oneOf([0, 1, 5, 125, 126, 127]);
  const payload = random() < 0.5 ? Buffer.from(oneOf(messages)) : randomBytesOf(below(200));
  const isPlain = random() < 0.6;
  const head = Buffer.from([
    oneOf([0x81, 0x01, 0x80, 0x82, 0x88, 0x89, 0x8a, 0xc1, 0xff, 0x8b]),
    0x80 | (isPlain ? Math.min(payload.length, 125) : length),
  ]);
  return Buffer.concat([head, Buffer.alloc(4), isPlain ? payload.subarray(0, 125) : payload]);
}

const messages = [
  '{"type":"connection_init"}',
  '{"type":"connection_init","payload":{"apiKey":"x"}}',
  `{"type":"connection_init","payload":{"apiKey":"${API_KEY}"}}`,
  '{"type":"ping"}',
  '{"type":"subscribe","id":"1"}',
  '{"type":"subscribe","id":"1","payload":{"query":"{__typename}"}}',
  '{"type":"complete","id":"__proto__"}',
  '{"type":"nothing"}',
  "null",
  "[]",
  "{",
  "\xff\xfe",
  "5",
];
const randomBytesOf = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));

const upgradeAt = (path: string): string =>
  headOf(`GET ${path}`, {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": 13,
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "graphql-transport-ws",
  });

const patience = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));

/** Each does something to a connection that a client may do to it. */
const attacks: readonly ((connection: RawConnection) => Promise<void>)[] = [
  async (connection) => connection.send(Buffer.from(request(), "latin1")),
  async (connection) => connection.send(Buffer.from(request() + request() + request(), "latin1")),
  async (connection) => {
    connection.send(Buffer.from(request(), "latin1"));
    connection.socket.end();
    await patience();
  },
  async (connection) => {
    for (const part of request().match(/.{1,40}/gs) ?? []) {
      connection.send(Buffer.from(part, "latin1"));
      await new Promise(setImmediate);
    }
  },
  async (connection) => connection.send(randomBytesOf(below(400))),
  async (connection) => {
    connection.send(upgradeAt("/graphql"));
    await Promise.race([connection.until(/\r\n\r\n/), connection.closed]);
    for (let i = below(12); i > 0; i--) connection.send(frame());
  },
  async (connection) => connection.send(Buffer.concat([Buffer.from(upgradeAt("/graphql")), frame(), frame()])),
  async (connection) => connection.send(Buffer.from(upgradeAt(oneOf(paths) + maybe(some(3, byte))), "latin1")),
  async () => {},
];

describe(`both ports under ${rounds} rounds of noise, FUZZ_SEED=${seed}`, { timeout: 180_000 }, () => {
  let service: Service;
  let ports: readonly string[];
  let drop: () => Promise<void>;
  before(async () => {
    const database = await testDatabase();
    drop = database.drop;
    const env = { DATABASE_URL: database.url, API_KEY, LOG_LEVEL: "error", RATE_LIMITS: "off" };
    service = startService({ env });
    ports = [await service.address, (await service.sagaAddress)!];
  });
  after(async () => {
    const { code, stderr } = await service.kill("SIGTERM");
    await drop();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  const descriptors = async () => (await readdir(`/proc/${service.process.pid}/fd`)).length;
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${ports[0]}/metrics`)).text();
    return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, "gm"))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };

  async function attack(): Promise<void> {
    const connection = await rawConnection(oneOf(ports));
    await oneOf(attacks)(connection);
    await Promise.race([connection.closed, patience()]);
    connection.socket.destroy();
    await connection.closed;
  }

  test("the process lives, answers, has met no fault, and has let go of all of it", async () => {
    for (const port of ports) assert.equal((await fetch(`${port}/live`)).status, 200);
    const handles = await descriptors();
    let left = rounds;
    const attackOn = async (): Promise<void> => {
      while (left-- > 0) await attack();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, attackOn));
    for (const port of ports) assert.equal((await fetch(`${port}/live`)).status, 200);
    const answer = await fetch(`${ports[0]}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: '{"query":"{ __typename }"}',
    });
    const { data } = (await answer.json()) as { readonly data: unknown };
    assert.deepEqual(data, { __typename: "Query" });
    assert.equal(await metric("stepwire_fenced_faults_total"), 0);
    // The sockets to Postgres may have become more; those of clients are gone, but for this test's own two.
    for (let open = await descriptors(); open > handles + 20; open = await descriptors()) await patience();
    for (let open = await metric("stepwire_connections"); open > 5; open = await metric("stepwire_connections"))
      await patience();
  });
});
