import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../tests/support/step-context.ts";
import { startClient, startServer } from "../../tests/support/test-server.ts";
import type { StepError } from "../model/step-error.ts";
import { httpRequest } from "./http-request.ts";

type Context = Parameters<typeof startClient>[0];

async function run(context: Context, config: object, attempt = testContext()) {
  const stepType = httpRequest({ http: startClient(context) });
  const output = await stepType.run(stepType.config.parse(config), attempt);
  assert.ok("status_code" in output);
  assert.deepEqual(stepType.output.parse(output), output);
  return output;
}

async function echoServer(context: Context) {
  return startServer(context, (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end('{"id":"abc","status_code":1}');
  });
}

test("the output holds status, headers, body and json, and nothing of the json beside it", async (context) => {
  const server = await echoServer(context);
  const output = await run(context, { url: server.origin });
  const { headers, ...rest } = output;
  assert.equal(headers["content-type"], "application/json");
  assert.deepEqual(rest, {
    status_code: 200,
    body: '{"id":"abc","status_code":1}',
    json: { id: "abc", status_code: 1 },
  });
});

test("query parameters are added to those of the URL", async (context) => {
  const server = await echoServer(context);
  const table: [string, object, string][] = [
    ["/a", { q: "x y&z", n: 1, b: true }, "/a?q=x+y%26z&n=1&b=true"],
    ["/a?z=1", { list: [1, "b"], none: null }, "/a?z=1&list=1&list=b"],
    ["/a#top", { q: 1 }, "/a?q=1"],
    ["/a", {}, "/a"],
    ["", { q: 1 }, "/?q=1"],
  ];
  for (const [path, query, expected] of table) {
    await run(context, { url: server.origin + path, query });
    assert.equal(server.received.at(-1)?.url, expected);
  }
});

test("data is sent as JSON, as it is, or as a form, by the Content-Type", async (context) => {
  const server = await echoServer(context);
  const table: [unknown, string | undefined, string, string | undefined][] = [
    [{ a: [1] }, undefined, '{"a":[1]}', "application/json"],
    ["text", undefined, '"text"', "application/json"],
    [0, undefined, "0", "application/json"],
    [false, undefined, "false", "application/json"],
    ["<a/>", "application/xml", "<a/>", "application/xml"],
    [{ a: 1 }, "application/vnd.api+json", '{"a":1}', "application/vnd.api+json"],
    [
      { a: "x y", b: [1, 2], c: null },
      "application/x-www-form-urlencoded",
      "a=x+y&b=1&b=2",
      "application/x-www-form-urlencoded",
    ],
    ["a=1", "application/x-www-form-urlencoded", "a=1", "application/x-www-form-urlencoded"],
    [null, undefined, "", undefined],
  ];
  for (const [data, contentType, body, sentType] of table) {
    const headers = contentType === undefined ? {} : { "Content-Type": contentType };
    await run(context, { url: server.origin, method: "post", headers, data });
    const last = server.received.at(-1);
    assert.deepEqual([last?.method, last?.body, last?.headers["content-type"]], ["POST", body, sentType]);
  }
});

test("methods that write carry the idempotency key of the step, unless the config sets one", async (context) => {
  const server = await echoServer(context);
  for (const method of ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]) {
    await run(context, { url: server.origin, method }, testContext({ idempotencyKey: "k1" }));
    const expected = ["GET", "HEAD", "OPTIONS"].includes(method) ? undefined : "k1";
    assert.equal(server.received.at(-1)?.headers["idempotency-key"], expected, method);
  }
  await run(context, { url: server.origin, method: "POST", headers: { "Idempotency-Key": "own" } });
  assert.equal(server.received.at(-1)?.headers["idempotency-key"], "own");
});

test("an unexpected status fails the step, and is retried only where that can help", async (context) => {
  const server = await startServer(context, ({ url }, response) => response.writeHead(Number(url.slice(1))).end("why"));
  for (const status of [300, 304, 400, 401, 403, 404, 408, 409, 410, 422, 425, 429, 500, 501, 502, 503, 504, 507]) {
    await assert.rejects(run(context, { url: `${server.origin}/${status}` }), (error: StepError) => {
      assert.equal(error.code, "HTTP_STATUS");
      assert.equal(error.retryable, [408, 425, 429].includes(status) || status >= 500, String(status));
      assert.deepEqual(error.details, { status_code: status, ...(status === 304 ? {} : { body: "why" }) });
      return true;
    });
  }
});

test("expected_status replaces any 2xx, with one status or several", async (context) => {
  const server = await startServer(context, ({ url }, response) => {
    response.writeHead(Number(url.slice(1)), { location: "/200" }).end();
  });
  // Asked for, expected_status, the status of the output; null: the step fails.
  const table: [number, unknown, number | null][] = [
    [204, undefined, 204],
    [299, undefined, 299],
    [404, 404, 404],
    [201, [200, 201], 201],
    [200, 201, null],
    [302, [302], 302],
    [302, undefined, 200],
    [302, 200, 200],
  ];
  for (const [status, expected_status, outcome] of table) {
    const attempt = run(context, { url: `${server.origin}/${status}`, expected_status });
    if (outcome === null) await assert.rejects(attempt, { code: "HTTP_STATUS", retryable: false });
    else assert.equal((await attempt).status_code, outcome);
  }
});

test("Retry-After reaches the retry policy, and the excerpt of the body is bounded", async (context) => {
  const server = await startServer(context, (_request, response) => {
    response.writeHead(503, { "retry-after": "120" }).end("x".repeat(100_000));
  });
  await assert.rejects(run(context, { url: server.origin }), (error: StepError) => {
    assert.equal(error.retryAfterMs, 120_000);
    assert.equal(String(error.details?.body).length, 500);
    return true;
  });
});

test("no error repeats a header or the query", async (context) => {
  const server = await startServer(context, (_request, response) => response.writeHead(500).end());
  const config = {
    url: `${server.origin}/path?key=s3cret`,
    headers: { authorization: "s3cret" },
    query: { k: "s3cret" },
  };
  await assert.rejects(run(context, config), (error: StepError) => {
    assert.doesNotMatch(JSON.stringify([error.message, error.details]), /s3cret/);
    assert.match(error.message, /\/path: unexpected status 500$/);
    return true;
  });
});

test("the config is refused where it breaks its rules", (context) => {
  const { config } = httpRequest({ http: startClient(context) });
  const url = "https://example.com";
  const broken = [
    {},
    { url: "" },
    { url: "file:///etc/passwd" },
    { url, method: "TRACE" },
    { url, timeout_seconds: 0 },
    { url, timeout_seconds: 3_601 },
    { url, expected_status: [] },
    { url, expected_status: 42 },
    { url, headers: { a: null } },
    { url, body: "x" },
  ];
  for (const value of broken) assert.equal(config.safeParse(value).success, false, JSON.stringify(value));
});
