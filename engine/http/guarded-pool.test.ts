import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { get, startClient, startServer } from "../../tests/support/test-server.ts";
import type { Resolve } from "./guarded-pool.ts";

const refused = { code: "ADDRESS_REFUSED", retryable: false };

const spellings = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "017700000001",
  "0",
  "0.0.0.0",
  "00.0x0",
  "127.0.0.1.",
  "①②⑦.⓪.⓪.①",
  "%31%32%37.0.0.1",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[0:0:0:0:0:ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "169.254.169.254",
  "0xa9fea9fe",
  "2852039166",
  "[fd00:ec2::254]",
  "10.0.0.1",
  "192.168.0.1",
  "100.64.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "localhost",
  "LOCALHOST",
];

for (const host of spellings) {
  test(`http://${host} is refused without a connection`, async (context) => {
    const server = await startServer(context, (_request, response) => response.end());
    const client = startClient(context, { allowPrivate: [] });
    await assert.rejects(client.request(get(`http://${host}:${server.port}/`)), refused);
    assert.equal(server.connections(), 0);
  });
}

test("TLS is guarded the same way", async (context) => {
  const client = startClient(context, { allowPrivate: [] });
  await assert.rejects(client.request(get("https://127.0.0.1/")), refused);
  await assert.rejects(client.request(get("https://localhost/")), refused);
});

/** Answers with the next list of addresses at each call. */
function resolver(...answers: string[][]): { resolve: Resolve; calls: string[] } {
  const calls: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    const addresses = answers[Math.min(calls.length, answers.length - 1)]!;
    calls.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { resolve, calls };
}

test("a name that resolves to a private address is refused", async (context) => {
  for (const address of ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"]) {
    const client = startClient(context, { allowPrivate: [], resolve: resolver([address]).resolve });
    await assert.rejects(client.request(get("http://innocent.example/")), refused, address);
  }
});

test("of several addresses only the allowed ones are connected to", async (context) => {
  const server = await startServer(context, (_request, response) => response.end("ok"));
  const client = startClient(context, { resolve: resolver(["127.0.0.2", "::1", "127.0.0.1"]).resolve });
  const { status } = await client.request(get(`http://mixed.example:${server.port}/`));
  assert.equal(status, 200);
});

test("a name is checked by the very answer it is connected with, at each new connection (rebinding)", async (context) => {
  const server = await startServer(context, (_request, response) =>
    response.setHeader("connection", "close").end("ok"),
  );
  const { resolve, calls } = resolver(["127.0.0.1"], ["127.0.0.2"]);
  const client = startClient(context, { resolve });
  assert.equal((await client.request(get(`http://rebinding.example:${server.port}/`))).status, 200);
  await assert.rejects(client.request(get(`http://rebinding.example:${server.port}/`)), refused);
  assert.equal(calls.length, 2, "one lookup for each connection, none for a check beforehand");
  assert.equal(server.connections(), 1);
});

async function redirecting(context: TestContext, location: string, allowPrivate: (port: number) => string[]) {
  const server = await startServer(context, (_request, response) => response.writeHead(302, { location }).end());
  const client = startClient(context, { allowPrivate: allowPrivate(server.port) });
  return client.request(get(`${server.origin}/`));
}

test("a redirect to a refused address is refused", async (context) => {
  const inner = await startServer(context, (_request, response) => response.end("secret"));
  for (const location of [
    `${inner.origin}/`,
    `http://localhost:${inner.port}/`,
    `http://[::ffff:7f00:1]:${inner.port}/`,
    "http://169.254.169.254/",
  ]) {
    await assert.rejects(
      redirecting(context, location, (port) => [`127.0.0.1:${port}`]),
      refused,
      location,
    );
  }
  assert.equal(inner.connections(), 0);
});

test("a listed name is trusted with whatever it resolves to, on its port", async (context) => {
  const server = await startServer(context, (_request, response) => response.end("ok"));
  const { resolve } = resolver(["127.0.0.1"]);
  const client = startClient(context, { allowPrivate: [`api.internal:${server.port}`], resolve });
  assert.equal((await client.request(get(`http://api.internal:${server.port}/`))).status, 200);
  await assert.rejects(client.request(get(`http://api.internal:${server.port + 1}/`)), refused);
  await assert.rejects(client.request(get(`http://other.internal:${server.port}/`)), refused);
});

test("a proxy from the environment is not used", async (context) => {
  const proxy = await startServer(context, (_request, response) => response.end("proxied"));
  const server = await startServer(context, (_request, response) => response.end("direct"));
  const names = ["http_proxy", "HTTP_PROXY", "all_proxy", "NODE_USE_ENV_PROXY"];
  for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : proxy.origin;
  context.after(() => {
    for (const name of names) delete process.env[name];
  });
  const { body } = await startClient(context).request(get(`${server.origin}/`));
  assert.equal(body.toString(), "direct");
});

test("the error does not say what a name resolved to", async (context) => {
  const client = startClient(context, { allowPrivate: [], resolve: resolver(["10.20.30.40"]).resolve });
  await assert.rejects(client.request(get("http://inside.example/a?token=s3cret")), (error: Error) => {
    assert.doesNotMatch(error.message, /10\.20\.30\.40|s3cret/);
    assert.match(error.message, /^GET http:\/\/inside\.example\/a: /);
    return true;
  });
});
