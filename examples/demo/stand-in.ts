import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface StandIn extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Documents that were stored, the first with id 1. */
  readonly documents: readonly unknown[];
  /** Messages that the webhook took. */
  readonly messages: readonly string[];
}

/**
 * What the pipeline talks to: `api.internal.com`, which stores documents, and the webhook that is told of them. It wants
 * the token that the workflow takes from its environment, and is unwell when it is first called, as remote services are.
 */
export async function startStandIn(token: string): Promise<StandIn> {
  const documents: unknown[] = [];
  const messages: string[] = [];
  let calls = 0;

  async function answer(request: IncomingMessage): Promise<[status: number, body: object]> {
    const body = await json(request);
    if (request.url === "/webhook") {
      messages.push((body as { message: string }).message);
      return [200, { ok: true }];
    }
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: "unknown token" }];
    if (calls++ === 0) return [503, { error: "just a moment" }];
    return [201, { id: documents.push(body) }];
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request).catch((error: unknown) => [400, { error: String(error) }] as const);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    documents,
    messages,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
