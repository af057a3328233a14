import type { Socket } from "node:net";
import { createClient as createSseClient, type Client as SseClient } from "graphql-sse";
import { createClient, type Client as WsClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { EngineOptions, ExecutionRecord, Scope, TenantId } from "../../engine/index.ts";
import { follow } from "../../examples/live/follow.ts";
import type { LiveLimits } from "../../server/graphql/limits.ts";
import { testApi } from "./api.ts";
import { TENANT, type TestEngine } from "./engine.ts";
import { sagaApi } from "./saga-api.ts";

/** A port that serves a subscription which misses nothing. */
export interface LogPort {
  readonly t: TestEngine;
  readonly address: string;
  readonly secret: string;
  readonly sockets: ReadonlySet<Socket>;
  keyFor(tenantId: TenantId, ...scopes: Scope[]): Promise<string>;
  /** Starts an execution, to be followed. */
  run(steps: readonly unknown[]): Promise<Followed>;
  close(): Promise<void>;
}

/** What is subscribed to. */
export interface Followed {
  readonly executionId: number;
  /** Where following it begins. */
  readonly after: number;
  /** Those of the subscription beside `after`. */
  readonly variables: object;
  /** Resolves when the execution has ended: with the position that who follows it comes to. */
  over(): Promise<number>;
}

export interface LogSubscription {
  readonly field: string;
  /** Its cursor is the variable `after`. */
  readonly query: string;
  /** The code that a key of another tenant gets. */
  readonly foreignCode: string;
  open(engine?: Partial<EngineOptions>, limits?: Partial<LiveLimits>): Promise<LogPort>;
  /** Positions up to the end, whatever happens to the connection. */
  follow(client: WsClient | SseClient, followed: Followed): AsyncGenerator<number>;
}

/** What never ends is followed up to an event of this type. */
const overType = (executionId: number): string => `test.over.${executionId}`;

const sagaEvents = `subscription ($id: ID!, $after: Int!) {
  sagaEvents(sagaId: $id, after: $after) { cursor: seq type stepName data }
}`;
const domainEvents = `subscription ($after: SafeInt!) {
  domainEvents(after: $after) { cursor: position type data }
}`;

export const executionLog: LogSubscription = {
  field: "executionEvents",
  query: `subscription ($id: ID!, $after: Int!) { executionEvents(executionId: $id, after: $after) { seq type data } }`,
  foreignCode: "EXECUTION_NOT_FOUND",
  open: async (engine = {}, liveLimits = {}) => {
    const api = await testApi(engine, { liveLimits });
    return { ...api, run: (steps) => runExecution(api.t, steps, ({ id }) => `ex_${id}`) };
  },
  async *follow(client, { variables }) {
    for await (const { seq } of follow(client, (variables as { id: string }).id)) yield seq;
  },
};

export const sagaLog: LogSubscription = {
  field: "sagaEvents",
  query: sagaEvents,
  foreignCode: "SAGA_NOT_FOUND",
  open: async (engine = {}, liveLimits = {}) => {
    const api = await sagaApi({}, engine, { liveLimits });
    return { ...api, run: (steps) => runExecution(api.t, steps, ({ uid }) => uid) };
  },
  follow: (client, followed) => followTo(client, sagaEvents, followed),
};

/** Of the whole store: executions are seen by the domain events that they cause. */
export const domainLog: LogSubscription = {
  field: "domainEvents",
  query: domainEvents,
  // It has a store of its own, in which there is no such cursor.
  foreignCode: "VALIDATION_FAILED",
  open: async (engine = {}, liveLimits = {}) => {
    const api = await sagaApi({}, engine, { liveLimits });
    const { events } = api.sagas;
    return {
      ...api,
      run: async (steps) => {
        const { total: after } = await events.all(TENANT, 0, 1);
        const { executionId, over } = await runExecution(api.t, steps, ({ id }) => String(id));
        const aggregate = { aggregateType: "test", aggregateId: String(executionId) };
        return {
          executionId,
          after,
          variables: {},
          over: async () => {
            await over();
            const event = {
              tenantId: TENANT,
              type: overType(executionId),
              ...aggregate,
              data: {},
              correlationId: null,
            };
            return (await events.append(event)).position;
          },
        };
      },
    };
  },
  follow: (client, followed) => followTo(client, domainEvents, followed),
};

export const liveLogs: readonly LogSubscription[] = [executionLog, sagaLog, domainLog];

async function runExecution(
  t: TestEngine,
  steps: readonly unknown[],
  idOf: (execution: ExecutionRecord) => string,
): Promise<Followed> {
  const execution = await t.start(steps);
  const { id } = execution;
  const over = async (): Promise<number> => (await t.finished(id)).execution.lastSeq;
  return { executionId: id, after: 0, variables: { id: idOf(execution) }, over };
}

async function* followTo(
  client: WsClient | SseClient,
  query: string,
  { executionId, variables, after }: Followed,
): AsyncGenerator<number> {
  const current = { ...variables, after };
  for await (const { data, errors } of client.iterate<Record<string, { cursor: number; type: string }>>({
    query,
    variables: current,
  })) {
    if (!data) throw new AggregateError(errors ?? []);
    for (const { cursor, type } of Object.values(data)) {
      if (cursor <= current.after) continue;
      current.after = cursor;
      yield cursor;
      if (type === overType(executionId)) return;
    }
  }
}

const retry = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 50));

/** In a row, each after 25 ms or so: a port that has closed for good ends its clients within seconds. */
const MAX_RETRIES = 200;

/** Connects again whenever it is cut. */
export const wsClient = ({ address, secret }: Pick<LogPort, "address" | "secret">): WsClient =>
  createClient({
    url: `${address.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: secret },
    retryAttempts: MAX_RETRIES,
    retryWait: retry,
    shouldRetry: () => true,
  });

/** As `wsClient`. */
export const sseClient = ({ address, secret }: Pick<LogPort, "address" | "secret">): SseClient =>
  createSseClient({
    url: `${address}/graphql/stream`,
    headers: { authorization: `Bearer ${secret}` },
    retryAttempts: MAX_RETRIES,
    retry,
  });
