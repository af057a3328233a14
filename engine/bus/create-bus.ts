import type { EngineLogger } from "../model/index.ts";
import type { Bus } from "./bus.ts";
import { InProcessBus } from "./in-process-bus.ts";
import { isMessage } from "./messages.ts";

export interface BusOptions {
  /** Absent: one process, nothing of Redis is loaded. */
  readonly redisUrl: string | undefined;
  /** Tells databases apart that share a Redis. */
  readonly namespace: string;
  /** What its messages are sealed with (`readBusKey`). */
  readonly key: Buffer;
  readonly log: EngineLogger;
}

export async function createBus({ redisUrl, namespace, key, log }: BusOptions): Promise<Bus> {
  if (redisUrl === undefined) return new InProcessBus();
  const { RedisBus } = await import("./redis-bus.ts");
  return RedisBus.open({ redisUrl, namespace, key, isMessage, log });
}
