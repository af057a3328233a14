import assert from "node:assert/strict";
import { test } from "node:test";
import { get, startClient, startServer } from "../../tests/support/test-server.ts";

const post = { method: "POST", headers: { "content-type": "text/plain" }, body: "data" };

test("the method is rewritten as fetch does", async (context) => {
  const server = await startServer(context, ({ url }, response) => {
    if (url === "/end") response.end();
    else response.writeHead(Number(url.slice(1)), { location: "/end" }).end();
  });
  const client = startClient(context);
  const table: [string, number, string, string][] = [
    ["POST", 301, "GET", ""],
    ["POST", 302, "GET", ""],
    ["POST", 303, "GET", ""],
    ["POST", 307, "POST", "data"],
    ["POST", 308, "POST", "data"],
    ["PUT", 301, "PUT", "data"],
    ["PUT", 302, "PUT", "data"],
    ["PUT", 303, "GET", ""],
    ["DELETE", 307, "DELETE", "data"],
  ];
  for (const [method, status, methodAfter, bodyAfter] of table) {
    const response = await client.request({ ...get(`${server.origin}/${status}`), ...post, method });
    const last = server.received.at(-1);
    assert.deepEqual([last?.method, last?.body], [methodAfter, bodyAfter], `${method} ${status}`);
    assert.equal(last?.headers["content-type"], bodyAfter === "" ? undefined : "text/plain");
    assert.equal(response.request, `${methodAfter} ${server.origin}/end`);
  }
});

test("another origin is told nothing of the request: no header of it, no body", async (context) => {
  const other = await startServer(context, (_request, response) => response.end("there"));
  const server = await startServer(context, ({ url }, response) => {
    const [, where, status] = url.split("/");
    if (where === "end") response.end();
    else response.writeHead(Number(status), { location: where === "same" ? "/end" : `${other.origin}/end` }).end();
  });
  const headers = {
    ...{ Authorization: "Bearer x", Cookie: "a=1", "Proxy-Authorization": "y", "X-Api-Key": "k", DPoP: "proof" },
    ...{ Accept: "text/csv", "Idempotency-Key": "7-1", traceparent: "00-a-b-01", "User-Agent": "mine", Host: "inner" },
  };
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const client = startClient(context);
  for (const status of [301, 302, 303, 307, 308]) {
    await client.request({ ...get(`${server.origin}/same/${status}`), headers });
    assert.deepEqual(
      names.filter((name) => server.received.at(-1)?.headers[name] === undefined),
      [],
      `${status} to the same origin keeps what the request has`,
    );
    for (const method of ["GET", "POST", "DELETE"]) {
      const before = other.received.length;
      await client.request({ ...get(`${server.origin}/other/${status}`), method, headers });
      const seen = other.received[before]!.headers;
      const told = names.filter((name) => seen[name] !== undefined);
      assert.deepEqual(told, ["user-agent", "host"], `${method} ${status} to another origin`);
      assert.deepEqual([seen["user-agent"], seen.host], ["Stepwire/test", new URL(other.origin).host]);
    }
  }
  const sent = other.received.length;
  for (const [method, status] of [
    ["POST", 307],
    ["POST", 308],
    ["PUT", 301],
    ["PATCH", 302],
    ["DELETE", 307],
  ] as const) {
    await assert.rejects(
      client.request({ ...get(`${server.origin}/other/${status}`), ...post, method }),
      {
        code: "HTTP_FAILED",
        retryable: false,
        message: /to another origin, http:\/\/127\.0\.0\.1:\d+, which is not done/,
      },
      `${method} ${status} with a body`,
    );
  }
  assert.equal(other.received.length, sent, "no body reached the other origin");
  for (const status of [301, 302, 303]) {
    await client.request({ ...get(`${server.origin}/other/${status}`), ...post });
    assert.deepEqual([other.received.at(-1)?.method, other.received.at(-1)?.body], ["GET", ""]);
  }
});

test("what was left behind does not come back when a redirect leads home again", async (context) => {
  const received: (string | undefined)[] = [];
  const other = await startServer(context, (_request, response) =>
    response.writeHead(302, { location: `${server.origin}/home` }).end(),
  );
  const server = await startServer(context, ({ url, headers }, response) => {
    received.push(headers["x-api-key"] as string | undefined);
    if (url === "/home") response.end();
    else response.writeHead(302, { location: other.origin }).end();
  });
  await startClient(context).request({ ...get(`${server.origin}/out`), headers: { "X-Api-Key": "k" } });
  assert.deepEqual(received, ["k", undefined]);
});

test("five redirects are followed, a sixth is not", async (context) => {
  const server = await startServer(context, ({ url }, response) => {
    const left = Number(url.slice(1));
    if (left === 0) response.end("there");
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  const client = startClient(context);
  assert.equal((await client.request(get(`${server.origin}/5`))).body.toString(), "there");
  await assert.rejects(client.request(get(`${server.origin}/6`)), { code: "HTTP_FAILED", retryable: false });
});

test("a redirect to another scheme, with credentials, or to nonsense is not followed", async (context) => {
  const locations = ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://["];
  const server = await startServer(context, ({ url }, response) => {
    response.writeHead(302, { location: locations[Number(url.slice(1))] }).end();
  });
  for (const index of locations.keys()) {
    const request = startClient(context).request(get(`${server.origin}/${index}`));
    await assert.rejects(request, { code: "HTTP_FAILED", retryable: false }, locations[index]);
  }
});

test("a redirect without a target, a 304 and a status that is asked for are answers", async (context) => {
  const server = await startServer(context, ({ url }, response) => {
    response.writeHead(Number(url.slice(1)), url === "/302" ? { location: "/elsewhere" } : {}).end();
  });
  const client = startClient(context);
  assert.equal((await client.request(get(`${server.origin}/301`))).status, 301);
  assert.equal((await client.request(get(`${server.origin}/304`))).status, 304);
  assert.equal((await client.request({ ...get(`${server.origin}/302`), finalStatuses: [302] })).status, 302);
});

test("one timeout covers the whole chain", async (context) => {
  // Each hop takes less than the limit, the two of them more.
  const limitMs = 200;
  const server = await startServer(context, ({ url }, response) => {
    setTimeout(() => response.writeHead(url === "/" ? 302 : 200, { location: "/end" }).end(), limitMs * 0.6);
  });
  const client = startClient(context);
  const request = client.request({ ...get(server.origin), timeoutSeconds: limitMs / 1_000 });
  await assert.rejects(request, { code: "TIMEOUT" });
});
