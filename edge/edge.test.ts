import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { DomainError } from "../engine/index.ts";
import { createLogger } from "../server/config/index.ts";
import { Edge } from "./edge.ts";
import { isLoopback, isOurHost } from "./host.ts";

const silent = createLogger("silent");

class Connection extends EventEmitter {
  destroyed = false;
  constructor(readonly remoteAddress: string) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function admitted(edge: Edge, address: string): Connection {
  const connection = new Connection(address);
  edge.admit(connection as unknown as Socket);
  return connection;
}

const requestFrom = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;

describe("connections", () => {
  test("are bounded in all and by address; what closes makes room", () => {
    const edge = new Edge(silent, { limits: { maxConnections: 3, maxConnectionsPerAddress: 2 } });
    const first = admitted(edge, "192.0.2.1");
    admitted(edge, "::ffff:192.0.2.1");
    assert.ok(admitted(edge, "192.0.2.1").destroyed, "one address has two");
    admitted(edge, "192.0.2.2");
    assert.ok(admitted(edge, "192.0.2.3").destroyed, "all have three");
    assert.equal(edge.connections, 3);
    first.destroy();
    assert.equal(edge.connections, 2);
    assert.ok(!admitted(edge, "192.0.2.1").destroyed);
  });

  test("of one IPv6 network are one address's", () => {
    const edge = new Edge(silent, { limits: { maxConnections: 10, maxConnectionsPerAddress: 1 } });
    admitted(edge, "2001:db8:1:2::1");
    assert.ok(admitted(edge, "2001:db8:1:2:ffff::2").destroyed);
    assert.ok(!admitted(edge, "2001:db8:1:3::1").destroyed);
  });

  test("of a proxy that is trusted have no limit of their own", () => {
    const limits = { maxConnections: 10, maxConnectionsPerAddress: 1 };
    const edge = new Edge(silent, { limits, trustedProxies: ["10.0.0.0/8"] });
    admitted(edge, "10.1.2.3");
    assert.ok(!admitted(edge, "10.1.2.3").destroyed);
  });
});

describe("unknown keys", () => {
  const nobodys = async (): Promise<null> => null;
  const somebodys = async (): Promise<string> => "somebody";

  test("are looked up so many times a minute for one address, and then refused unread", async (t) => {
    let now = 1_000;
    t.mock.method(performance, "now", () => now);
    const edge = new Edge(silent, { failedKeysPerMinute: 2 });
    const stranger = requestFrom("192.0.2.1");
    assert.equal(await edge.braked(stranger, "good", somebodys), "somebody");
    for (const wrong of ["a", "b"]) assert.equal(await edge.braked(stranger, wrong, nobodys), null);
    now += 20_000;
    const refusal = await edge.braked(stranger, "c", () => assert.fail("looked up"));
    assert.ok(refusal instanceof DomainError);
    assert.deepEqual([refusal.code, refusal.retryAfterSeconds], ["RATE_LIMITED", 40]);
    assert.equal(await edge.braked(stranger, "good", somebodys), "somebody", "who was known is not locked out");
    assert.equal(await edge.braked(requestFrom("192.0.2.2"), "new", somebodys), "somebody", "nor who is elsewhere");
    now += 40_000;
    assert.equal(await edge.braked(stranger, "c", nobodys), null, "the minute is over");
  });

  test("are the socket's address's, whatever the request says, unless its proxy is trusted", async () => {
    const plain = new Edge(silent, { failedKeysPerMinute: 1 });
    await plain.braked(requestFrom("192.0.2.1", "203.0.113.1"), "a", nobodys);
    const lied = await plain.braked(requestFrom("192.0.2.1", "203.0.113.2"), "b", nobodys);
    assert.ok(lied instanceof DomainError);

    const behind = new Edge(silent, { failedKeysPerMinute: 1, trustedProxies: ["192.0.2.1"] });
    await behind.braked(requestFrom("192.0.2.1", "203.0.113.1"), "a", nobodys);
    assert.equal(await behind.braked(requestFrom("192.0.2.1", "203.0.113.2"), "b", nobodys), null);
    assert.ok((await behind.braked(requestFrom("192.0.2.1", "203.0.113.1"), "b", nobodys)) instanceof DomainError);
  });

  test("of any number of addresses take no more memory than those of ten thousand", async () => {
    const edge = new Edge(silent, { failedKeysPerMinute: 1 });
    for (let i = 0; i < 30_000; i++) {
      await edge.braked(requestFrom(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`), "x", nobodys);
    }
    assert.equal(await edge.braked(requestFrom("10.0.0.0"), "x", nobodys), null, "the first were forgotten");
  });
});

describe("the host that a request is for", () => {
  const names = new Set(["flows.internal"]);
  for (const host of [
    "127.0.0.1:8006",
    "[::1]:8006",
    "localhost",
    "LOCALHOST.:80",
    "a.localhost:1",
    "10.0.0.7",
    "Flows.Internal:443",
  ])
    test(`${host} is ours`, () => assert.ok(isOurHost(host, names)));
  for (const host of [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8006",
    "flows.internal.evil",
    "127.0.0.1@evil",
    "[::1].evil",
  ])
    test(`${host} is not`, () => assert.ok(!isOurHost(host, names)));
  test("any will do where nobody is to be kept out", () => assert.ok(isOurHost("evil.example", null)));

  for (const [host, expected] of [
    ["127.0.0.1", true],
    ["127.8.8.8", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
  ] as const)
    test(`${host} is ${expected ? "" : "not "}loopback`, () => assert.equal(isLoopback(host), expected));
});
