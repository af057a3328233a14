import type { CountedBus, LiveSubscriptions } from "./bus/index.ts";
import type { JournalHealth } from "./journal/index.ts";
import type { MemoryBudget, Share } from "./share/index.ts";
import type { Database, PoolUse } from "./store/index.ts";

/** What a process has on its hands at this moment. */
export interface EngineLoad {
  /** Executions that something is being done for now; what waits is a row, and not among them. */
  readonly inHand: number;
  /** Those of them that compute; the others wait for answers from outside. */
  readonly computing: number;
  /** How many may compute at once; 0 without the worker role. */
  readonly capacity: number;
  /** Bytes that what is in hand holds, by estimate, and may hold. */
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  /** Whether this process holds the worker's lock now. */
  readonly isWorker: boolean;
  /** Executions that could go on, and wait for room. */
  readonly queued: number;
  readonly subscriptions: LiveSubscriptions;
  /** Messages on the bus that were none of ours, so far. */
  readonly busRefused: number;
  /** How far Postgres' clock is ahead of service time: not near 0 after a clock was set. */
  readonly clockSkewMs: number;
  /** For how long something has waited to be stored, or could not be; 0 when all is. */
  readonly journalWaitingMs: number;
  readonly pools: Readonly<Record<"sql" | "orm", PoolUse>>;
}

interface LoadSources {
  readonly worker: { readonly size: number } | null;
  readonly dispatcher: { readonly queued: number; readonly isHolder: boolean } | null;
  readonly slots: Pick<Share, "taken" | "limit">;
  readonly memory: Pick<MemoryBudget, "usedBytes" | "limitBytes">;
  readonly database: Pick<Database, "use">;
  readonly bus: Pick<CountedBus, "live" | "refused">;
  readonly clock: { readonly skewMs: number };
  readonly journal: { readonly health: JournalHealth };
}

/** Reads counters that are kept anyway: asks nobody, and costs nothing. */
export function loadOf(sources: LoadSources): EngineLoad {
  const { worker, dispatcher, slots, memory, database, bus, clock, journal } = sources;
  return {
    inHand: worker?.size ?? 0,
    computing: slots.taken,
    capacity: worker === null ? 0 : slots.limit,
    memory: { usedBytes: memory.usedBytes, limitBytes: memory.limitBytes },
    isWorker: dispatcher?.isHolder ?? false,
    queued: dispatcher?.queued ?? 0,
    subscriptions: { ...bus.live },
    busRefused: bus.refused,
    clockSkewMs: clock.skewMs,
    journalWaitingMs: journal.health.forMs,
    pools: database.use(),
  };
}
