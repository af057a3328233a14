import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "../../engine/http/client.ts";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  readonly received: Received[];
  /** Connections that were opened so far. */
  connections(): number;
}

/** A real server on loopback for one test. */
export async function startServer(
  context: TestContext,
  answer: (request: Received, response: ServerResponse) => void,
): Promise<TestServer> {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer(async (message, response) => {
    const { method = "", url = "", headers } = message;
    const request = { method, url, headers, body: await text(message) };
    received.push(request);
    answer(request, response);
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, received, connections: () => connections };
}

/** A client for one test that may reach 127.0.0.1, unless told otherwise. */
export function startClient(context: TestContext, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "Stepwire/test", ...options });
  context.after(() => client.close());
  return client;
}

export function get(url: string, signal = new AbortController().signal) {
  return { url, method: "GET", headers: {}, body: null, signal };
}
