import type { AddressInfo, Socket } from "node:net";
import { type Client, createClient, type SubscribePayload } from "graphql-ws";
import { WebSocket } from "ws";
import { actorOrThrow, createApiServer, createAuthenticate } from "../../edge/index.ts";
import type { EngineOptions, Scope, TenantId } from "../../engine/index.ts";
import { createLogger } from "../../server/config/index.ts";
import { engineApi, serveGraphql } from "../../server/graphql/index.ts";
import { serveRest } from "../../web-compat/index.ts";
import { TENANT, type TestEngine, testEngine } from "./engine.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they selected, whatever its shape.
  readonly data: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly extensions: any;
  readonly errors: readonly { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, whatever its shape.
  readonly body: any;
}

export interface TestApi {
  readonly t: TestEngine;
  /** `http://127.0.0.1:port` */
  readonly address: string;
  /** Of a key with every scope. */
  readonly secret: string;
  readonly log: readonly string[];
  /** The server's ends of what is connected. */
  readonly sockets: ReadonlySet<Socket>;
  keyFor(tenantId: TenantId, ...scopes: Scope[]): Promise<string>;
  /** POST /graphql */
  query(query: string, variables?: object, secret?: string): Promise<Answer>;
  /** A REST request; a body is sent as JSON unless it is text. */
  rest(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RestAnswer>;
  /** A graphql-ws client. */
  client(connectionParams?: Record<string, unknown>): Client;
  closeServer(): Promise<void>;
  close(): Promise<void>;
}

/** The API on a free port, over an engine on a database of its own; without rate limits, unless they are asked for. */
export async function testApi(
  overrides: Partial<EngineOptions> = {},
  graphql: Parameters<typeof engineApi>[2] = {},
  requestMs?: number,
): Promise<TestApi> {
  const t = await testEngine({ rateLimits: false, ...overrides });
  const log: string[] = [];
  const logger = createLogger("error", { write: (line: string) => void log.push(line) });
  const server = createApiServer(logger, undefined, requestMs);
  await serveRest(server, {
    engine: t.engine,
    authenticate: actorOrThrow(createAuthenticate(t.engine.keys, server.edge)),
    braked: server.edge.braked.bind(server.edge),
    strictResponses: true,
  });
  await serveGraphql(server, engineApi(t.engine, logger, graphql));
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const address = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const keyFor = async (tenantId: TenantId, ...scopes: Scope[]) =>
    (await t.engine.keys.create({ tenantId, name: "test", scopes, expiresAt: null })).secret;
  const secret = await keyFor(TENANT, "read", "write", "execute", "admin");
  const clients: Client[] = [];
  return {
    t,
    address,
    secret,
    log,
    sockets,
    keyFor,
    query: async (query, variables = {}, key = secret) => {
      const response = await fetch(`${address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as Partial<Answer>;
      return {
        status: response.status,
        headers: response.headers,
        data: body.data,
        errors: body.errors ?? [],
        extensions: body.extensions,
      };
    },
    rest: async (method, path, body, headers = {}) => {
      const isText = typeof body === "string";
      const response = await fetch(`${address}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
    },
    client: (connectionParams = { authorization: `Bearer ${secret}` }) => {
      const client = createClient({
        url: `${address.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    },
    closeServer: () => server.close(),
    close: async () => {
      await Promise.all(clients.map((client) => client.dispose()));
      await server.close();
      await t.close();
    },
  };
}

/** Every result of an operation over WebSocket, until it completes. Rejects with what the server says against it. */
export async function collect<T>(client: Client, payload: SubscribePayload): Promise<T[]> {
  const results: T[] = [];
  for await (const { data, errors } of client.iterate<T>(payload)) {
    if (errors) throw errors;
    if (data) results.push(data);
  }
  return results;
}
