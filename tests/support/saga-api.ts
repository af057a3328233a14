import type { AddressInfo, Socket } from "node:net";
import { actorOrThrow, createApiServer, createAuthenticate } from "../../edge/index.ts";
import type { EngineOptions, Scope, TenantId } from "../../engine/index.ts";
import { createLogger } from "../../server/config/index.ts";
import type { LiveLimits } from "../../server/graphql/limits.ts";
import { serveSagas } from "../../server/saga-port.ts";
import type { RestAnswer } from "./api.ts";
import { TENANT } from "./engine.ts";
import { type TestSagas, testSagas } from "./sagas.ts";

export interface SagaApi extends TestSagas {
  /** `http://127.0.0.1:port` of the orchestrator. */
  readonly address: string;
  /** Of a key with every scope. */
  readonly secret: string;
  /** The server's ends of what is connected. */
  readonly sockets: ReadonlySet<Socket>;
  keyFor(tenantId: TenantId, ...scopes: Scope[]): Promise<string>;
  /** A REST request; a body is sent as JSON unless it is text. */
  rest(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RestAnswer>;
}

/** Both faces of the orchestrator on a free port. */
export async function sagaApi(
  services: Readonly<Record<string, string>> = {},
  overrides: Partial<EngineOptions> = {},
  graphql: { liveLimits?: Partial<LiveLimits> } = {},
): Promise<SagaApi> {
  const s = await testSagas(services, { rateLimits: false, ...overrides });
  const { engine } = s.t;
  const logger = createLogger("silent");
  const server = createApiServer(logger);
  const authenticate = actorOrThrow(createAuthenticate(engine.keys, server.edge));
  await serveSagas(server, s.sagas, { engine, authenticate, strictResponses: true }, { logger, ...graphql });
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const address = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const keyFor = async (tenantId: TenantId, ...scopes: Scope[]) =>
    (await engine.keys.create({ tenantId, name: "test", scopes, expiresAt: null })).secret;
  const secret = await keyFor(TENANT, "read", "write", "execute", "admin");
  return {
    ...s,
    address,
    secret,
    sockets,
    keyFor,
    rest: async (method, path, body, headers = {}) => {
      const response = await fetch(address + path, {
        method,
        redirect: "manual",
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
    },
    close: async () => {
      await server.close();
      await s.close();
    },
  };
}
