import { CountedBus, createBus } from "./bus/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { createRateLimiter, type RateLimiter } from "./limits/index.ts";
import type { Clock } from "./runtime/index.ts";
import { claimKey } from "./secret/index.ts";
import { type Database, DatabaseClock, openDatabase, readBusKey, readDatabaseIdentity } from "./store/index.ts";

/** What an engine stands on: opened first, and closed last. */
export interface Resources {
  readonly database: Database;
  readonly databaseClock: DatabaseClock;
  /** What the engine waits by. */
  readonly clock: Clock;
  readonly bus: CountedBus;
  readonly rateLimiter: RateLimiter;
}

/** Whatever is open is in `closing`, also when the next of them cannot be opened. */
export async function openResources(options: EngineOptions, closing: AsyncDisposableStack): Promise<Resources> {
  const { log, keyring, redisUrl, rateLimits = true, isOldKeyLost = false } = options;
  const kept = <T extends { close(): void | Promise<void> }>(opened: T): T =>
    closing.adopt(opened, (resource) => resource.close());

  const database = kept(await openDatabase(options.databaseUrl, options.databaseLimits));
  const { pool } = database;
  // Tells databases apart that share a Redis.
  const namespace = await readDatabaseIdentity(pool);
  await claimKey(pool, keyring, isOldKeyLost);
  const databaseClock = kept(await DatabaseClock.open(pool, log));
  const clock = options.clock ?? databaseClock;
  const shared = { redisUrl, namespace, log };
  const rateLimiter = kept(await createRateLimiter({ ...shared, clock, enabled: rateLimits }));
  const bus = kept(new CountedBus(await createBus({ ...shared, key: await readBusKey(pool) })));
  return { database, databaseClock, clock, bus, rateLimiter };
}
