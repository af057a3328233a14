import { Redis, type RedisOptions } from "ioredis";
import type { EngineLogger } from "../model/index.ts";
import { withLimit } from "./with-limit.ts";

const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 2_000;
/** A connection that does not answer a ping until the next one is due is given up. */
const HEARTBEAT_MS = 5_000;
/** A socket that is closed has this long to say goodbye. */
const DISCONNECT_MS = 500;
/** How long a start waits for Redis, which may as well be away. */
const READY_WAIT_MS = 2_000;

/** For commands that are worth nothing later: they fail while Redis is away, and none waits or is sent twice. */
export const failFast = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} as const satisfies RedisOptions;

/**
 * A connection that comes back by itself, for as long as it takes. Its errors are told once per outage.
 * Not ioredis' `socketTimeout`: its timer outlives the socket that it was set for and then destroys the next one.
 */
export function connectRedis(url: string, purpose: string, log: EngineLogger, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectionName: `stepwire-${purpose}`,
    keepAlive: HEARTBEAT_MS,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: (times) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(times, 10), RECONNECT_MAX_MS),
    ...options,
  });
  let away = false;
  redis.on("error", (error: Error) => {
    if (!away) log("warning", "Redis cannot be reached", { purpose, error: error.message });
    away = true;
  });
  redis.on("ready", () => {
    if (away) log("info", "Redis is back", { purpose });
    away = false;
    missed.delete(addressOf(redis));
  });

  let unanswered = false;
  const heartbeat = setInterval(() => {
    if (redis.status !== "ready" && redis.status !== "connect") {
      unanswered = false;
      return;
    }
    if (unanswered) redis.disconnect(true);
    unanswered = !unanswered;
    if (!unanswered || redis.status !== "ready") return;
    redis.ping().then(
      () => {
        unanswered = false;
      },
      () => {},
    );
  }, HEARTBEAT_MS).unref();
  redis.on("end", () => clearInterval(heartbeat));
  return redis;
}

/** Addresses that this process has waited for in vain, until one of its connections is ready again. */
const missed = new Set<string>();

function addressOf({ options: { host, port, path } }: Redis): string {
  return path ?? `${host}:${port}`;
}

/**
 * Resolves when the connection can be used, or after two seconds. A Redis that is away costs a process that time once,
 * however many connections it opens to it.
 */
export async function redisReady(redis: Redis): Promise<void> {
  const address = addressOf(redis);
  if (redis.status === "ready" || missed.has(address)) return;
  await withLimit(READY_WAIT_MS, new Promise<void>((resolve) => redis.once("ready", () => resolve())));
  if ((redis.status as string) !== "ready") missed.add(address);
}

/** Resolves when nothing of the connection is left. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === "end") return;
  const end = new Promise<void>((resolve) => redis.once("end", () => resolve()));
  const betweenAttempts = redis.status === "reconnecting";
  redis.disconnect();
  // Stopped between two attempts, ioredis makes no further one, but says nothing either.
  if (betweenAttempts) redis.emit("end");
  await end;
}
