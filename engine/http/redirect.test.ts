import assert from "node:assert/strict";
import { test } from "node:test";
import { get, startClient, startServer } from "./test-server.ts";

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

test("credentials stay with the origin they were meant for", async (context) => {
  const other = await startServer(context, (_request, response) => response.end());
  const server = await startServer(context, ({ url }, response) => {
    if (url === "/end") response.end();
    else response.writeHead(307, { location: url === "/same" ? "/end" : `${other.origin}/end` }).end();
  });
  const headers = { Authorization: "Bearer x", Cookie: "a=1", "Proxy-Authorization": "y", "X-Other": "kept" };
  const client = startClient(context);
  await client.request({ ...get(`${server.origin}/same`), headers });
  assert.equal(server.received.at(-1)?.headers.authorization, "Bearer x");
  assert.equal(server.received.at(-1)?.headers.cookie, "a=1");
  await client.request({ ...get(`${server.origin}/other`), headers });
  const seen = other.received[0]!.headers;
  assert.deepEqual([seen.authorization, seen.cookie, seen["proxy-authorization"]], [undefined, undefined, undefined]);
  assert.equal(seen["x-other"], "kept");
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
  const server = await startServer(context, (_request, response) => {
    setTimeout(() => response.writeHead(302, { location: "/" }).end(), 30);
  });
  const request = startClient(context).request({ ...get(server.origin), timeoutSeconds: 0.075 });
  await assert.rejects(request, { code: "TIMEOUT" });
});
