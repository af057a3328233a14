import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { createLogger } from "../server/config/index.ts";
import { createApiServer } from "./api-server.ts";

describe("what is no request that a route could see", () => {
  let server: FastifyInstance;
  before(async () => {
    server = createApiServer(createLogger("silent"));
    await server.listen({ host: "127.0.0.1", port: 0 });
  });
  after(() => server.close());

  async function answerTo(bytes: string): Promise<{ status: string; body: Record<string, string> }> {
    const socket = connect((server.server.address() as AddressInfo).port, "127.0.0.1");
    socket.setEncoding("utf8").end(bytes);
    let text = "";
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    await once(socket, "close");
    const [head = "", body = ""] = text.split("\r\n\r\n");
    return { status: head.split("\r\n")[0]!, body: JSON.parse(body) };
  }

  for (const [what, bytes, status, detail] of [
    ["bytes that are no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 Bad Request", "This is not an HTTP request"],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`,
      "HTTP/1.1 431 Request Header Fields Too Large",
      "The headers are too large",
    ],
    [
      "an address that cannot be read",
      "GET /%zz?a=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
      "HTTP/1.1 400 Bad Request",
      "The path is not a valid address",
    ],
  ] as const) {
    test(`${what}: the envelope all the same`, async () => {
      const answer = await answerTo(bytes);
      assert.equal(answer.status, status);
      assert.deepEqual(Object.keys(answer.body), ["detail", "timestamp", "path", "error_code"]);
      assert.equal(answer.body.detail, detail);
      assert.equal(answer.body.error_code, "VALIDATION_FAILED");
    });
  }
});
