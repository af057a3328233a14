import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { get, startClient, startServer } from "../../tests/support/test-server.ts";
import { StepError } from "../model/step-error.ts";
import { MAX_RESPONSE_BYTES } from "./answer-weight.ts";
import { createHttpClient } from "./client.ts";

test("a response comes with status, joined lower-case headers and body", async (context) => {
  const server = await startServer(context, (_request, response) => {
    response.writeHead(404, { "X-One": "1", "Set-Cookie": ["a=1", "b=2"] }).end("gone");
  });
  const response = await startClient(context).request(get(`${server.origin}/x?secret=1`));
  assert.equal(response.status, 404);
  assert.equal(response.headers["x-one"], "1");
  assert.equal(response.headers["set-cookie"], "a=1, b=2");
  assert.equal(response.body.toString(), "gone");
  assert.equal(response.request, `GET ${server.origin}/x`);
  assert.equal(server.received[0]?.headers["user-agent"], "Stepwire/test");
  assert.equal(server.received[0]?.url, "/x?secret=1");
});

test("an informational response before the real one is passed over", async (context) => {
  const server = await startServer(context, (_request, response) => {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" });
    response.end("real");
  });
  const { status, body } = await startClient(context).request(get(server.origin));
  assert.deepEqual([status, body.toString()], [200, "real"]);
});

test("a HEAD response has no body, whatever length it announces", async (context) => {
  const server = await startServer(context, (_request, response) =>
    response.setHeader("content-length", "999999999").end(),
  );
  const { body } = await startClient(context).request({ ...get(server.origin), method: "HEAD" });
  assert.equal(body.length, 0);
});

test("connections are kept alive", async (context) => {
  const server = await startServer(context, (_request, response) => response.end("ok"));
  const client = startClient(context);
  for (let i = 0; i < 20; i++) await client.request(get(server.origin));
  // undici rests a connection for a turn of the event loop after each response, and takes a second one meanwhile.
  assert.ok(server.connections() <= 2, `${server.connections()} connections`);
});

test("the timeout covers headers and body, and ends the connection", async (context) => {
  const closed: Promise<void>[] = [];
  const server = await startServer(context, ({ url }, response) => {
    closed.push(new Promise((resolve) => response.once("close", resolve)));
    if (url === "/body") response.write("start");
  });
  const client = startClient(context);
  for (const path of ["/headers", "/body"]) {
    await assert.rejects(client.request({ ...get(server.origin + path), timeoutSeconds: 0.05 }), {
      code: "TIMEOUT",
      retryable: true,
    });
  }
  await Promise.all(closed);
});

test("the timeout also covers a server that takes the connection and never speaks TLS", async (context) => {
  const silent = createServer((socket) => context.after(() => socket.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  context.after(() => silent.close());
  const { port } = silent.address() as { port: number };
  const request = startClient(context).request({ ...get(`https://127.0.0.1:${port}/`), timeoutSeconds: 0.05 });
  await assert.rejects(request, { code: "TIMEOUT" });
});

test("a request that waits in line for a connection is ended too, and is never sent", async (context) => {
  const server = await startServer(context, () => {});
  const client = startClient(context);
  const held = new AbortController();
  const busy = Array.from({ length: 128 }, () => client.request(get(`${server.origin}/busy`, held.signal)));
  const settled = Promise.allSettled(busy);
  await assert.rejects(client.request({ ...get(`${server.origin}/late`), timeoutSeconds: 0.05 }), { code: "TIMEOUT" });
  held.abort();
  await settled;
  await client.request({ ...get(`${server.origin}/after`), timeoutSeconds: 0.05 }).catch(() => {});
  assert.ok(server.connections() > 0);
  assert.deepEqual(
    [...new Set(server.received.map(({ url }) => url))].filter((url) => url === "/late"),
    [],
  );
});

test("an abort ends the request with the signal's StepError, or CANCELLED", async (context) => {
  const server = await startServer(context, () => {});
  const client = startClient(context);
  const own = AbortSignal.abort(new StepError("INTERRUPTED", "stopping"));
  await assert.rejects(client.request(get(server.origin, own)), { code: "INTERRUPTED" });
  const abort = new AbortController();
  const pending = client.request(get(server.origin, abort.signal));
  abort.abort();
  await assert.rejects(pending, { code: "CANCELLED", retryable: false });
});

test("a body above the cap stops the transfer, announced or not", async (context) => {
  let writtenBytes = 0;
  const server = await startServer(context, ({ url }, response) => {
    if (url === "/announced") response.setHeader("content-length", String(MAX_RESPONSE_BYTES + 1));
    const chunk = Buffer.alloc(256 * 1024);
    const pump = (): void => {
      writtenBytes += chunk.length;
      if (!response.destroyed && writtenBytes < 100 * 1024 * 1024) response.write(chunk, pump);
    };
    pump();
  });
  const client = startClient(context);
  for (const path of ["/announced", "/streamed"]) {
    await assert.rejects(client.request(get(server.origin + path)), { code: "RESPONSE_TOO_LARGE", retryable: false });
  }
  assert.ok(writtenBytes < 60 * 1024 * 1024, `${writtenBytes} bytes were taken`);
});

test("a body of exactly the cap is accepted", async (context) => {
  const server = await startServer(context, (_request, response) => response.end(Buffer.alloc(MAX_RESPONSE_BYTES)));
  assert.equal((await startClient(context).request(get(server.origin))).body.length, MAX_RESPONSE_BYTES);
});

test("a decompression bomb stops at the cap", async (context) => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const encodings = { "/gzip": ["gzip", bomb], "/twice": ["gzip, gzip", gzipSync(bomb)] } as const;
  const server = await startServer(context, ({ url }, response) => {
    const [encoding, body] = encodings[url as keyof typeof encodings];
    response.setHeader("content-encoding", encoding).end(body);
  });
  for (const path of Object.keys(encodings)) {
    await assert.rejects(startClient(context).request(get(server.origin + path)), {
      code: "RESPONSE_TOO_LARGE",
      retryable: false,
    });
  }
});

test("gzip, deflate with and without header, brotli and layers of them are undone", async (context) => {
  const plain = Buffer.from("hello ".repeat(1000));
  const variants: [string, Buffer][] = [
    ["gzip", gzipSync(plain)],
    ["x-gzip", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["deflate", deflateRawSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["gzip, br", brotliCompressSync(gzipSync(plain))],
    ["identity", plain],
  ];
  const server = await startServer(context, ({ url }, response) => {
    const [encoding, body] = variants[Number(url.slice(1))]!;
    response.setHeader("content-encoding", encoding).end(body);
  });
  for (const index of variants.keys()) {
    const { body } = await startClient(context).request(get(`${server.origin}/${index}`));
    assert.deepEqual(body, plain, String(variants[index]?.[0]));
  }
});

test("a damaged or unknown encoding is a failure of the response", async (context) => {
  const server = await startServer(context, ({ url }, response) => {
    response.setHeader("content-encoding", url.slice(1)).end("not compressed");
  });
  for (const encoding of ["gzip", "compress", "constructor", "gzip,gzip,gzip,gzip,gzip,gzip"]) {
    await assert.rejects(startClient(context).request(get(`${server.origin}/${encoding}`)), { code: "HTTP_FAILED" });
  }
});

test("no answer is HTTP_FAILED, retryable, with its cause", async (context) => {
  const server = await startServer(context, (_request, response) => response.destroy());
  const client = startClient(context, {
    resolve: (_name, _options, callback) => callback(Object.assign(new Error("x"), { code: "ENOTFOUND" }), []),
  });
  const hangUp = createServer((socket) => socket.end("this is not http\r\n\r\n"));
  await new Promise<void>((resolve) => hangUp.listen(0, "127.0.0.1", resolve));
  const { port } = hangUp.address() as { port: number };
  context.after(() => hangUp.close());
  const causes: [string, string | RegExp][] = [
    [`${server.origin}/`, /UND_ERR_SOCKET|ECONNRESET/],
    ["http://127.0.0.1:1/", /ECONNREFUSED/],
    ["http://nowhere.example/", /ENOTFOUND/],
    [`http://127.0.0.1:${port}/`, /^HTTPParserError$/],
  ];
  for (const [url, cause] of causes) {
    await assert.rejects(client.request(get(url)), (error: StepError) => {
      assert.deepEqual([error.code, error.retryable], ["HTTP_FAILED", true], url);
      assert.match(String(error.details?.cause), new RegExp(cause), url);
      return true;
    });
  }
});

test("a request that cannot be sent is a fault of its config, and no message repeats what may be secret", async (context) => {
  const client = startClient(context);
  const requests = [
    get("ftp://example.com/s3cret"),
    get("http://user:s3cret@example.com/"),
    get("not a url s3cret"),
    get("http://exa mple/?s3cret"),
    { ...get("http://127.0.0.1/?s3cret"), headers: { authorization: "s3cret\r\nx: 1" } },
    { ...get("http://127.0.0.1/?s3cret"), headers: { "bad name": "s3cret" } },
    { ...get("http://127.0.0.1/?s3cret"), headers: { "transfer-encoding": "s3cret" } },
    { ...get("http://127.0.0.1/?s3cret"), headers: { "content-length": "s3cret" } },
    { ...get("http://127.0.0.1/?s3cret"), headers: { upgrade: "s3cret" } },
  ];
  for (const request of requests) {
    await assert.rejects(client.request(request), (error: StepError) => {
      assert.deepEqual([error.code, error.retryable], ["CONFIG_INVALID", false], request.url);
      assert.doesNotMatch(error.message + JSON.stringify(error.details ?? {}), /s3cret/);
      return true;
    });
  }
});

test("a malformed allow-list stops the start", () => {
  assert.throws(() => createHttpClient({ allowPrivate: ["10.0.0.0/64"], userAgent: "x" }), /"10\.0\.0\.0\/64" must be/);
});
