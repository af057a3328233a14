import { Background } from "./background.ts";
import type { Bus } from "./bus/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { type EngineHealth, HealthProbe } from "./health.ts";
import type { JournalStats } from "./journal/index.ts";
import { createLibrary } from "./library.ts";
import type { RateLimiter } from "./limits/index.ts";
import { type EngineLoad, loadOf } from "./load.ts";
import { openMachinery } from "./machinery.ts";
import { openResources } from "./resources.ts";
import { createServices, type Services } from "./services.ts";
import type { MemoryBudget } from "./share/index.ts";
import { figuresOfAllTenants } from "./statistics/index.ts";
import { type FiguresOfAllTenants, type RoomDatabase, roomDatabase } from "./store/index.ts";
import { WorkAdded } from "./work-added.ts";

export interface Engine extends Services {
  /** Both faces spend from it. */
  readonly rateLimiter: RateLimiter;
  readonly journalStats: JournalStats;
  /** What all that is in hand may hold together. */
  readonly memory: MemoryBudget;
  /** Where each event is heard once it is committed. */
  readonly bus: Bus;
  /** For a room that stands on the engine and keeps tables of its own. */
  readonly database: RoomDatabase;
  /** These executions may have signals: whoever holds them, or can, looks. */
  wake(executionIds: readonly number[]): void;
  /** Whether Postgres, Redis and the scheduler work; at most a second old. */
  health(): Promise<EngineHealth>;
  /** For the operator, such as by `/health`: at most two seconds old. */
  figuresOfAllTenants(): Promise<FiguresOfAllTenants>;
  /** What this process has on its hands now. */
  load(): EngineLoad;
  /**
   * Takes no more executions over, and begins none: what is started from now on is stored for whoever is next.
   * `isFault`: something here ends the process; what is in hand is suspected of it.
   */
  drain(isFault?: boolean): void;
  /** Takes no new work, waits for what is in hand up to `limitMs`, hands the rest back, and closes. Once only. */
  stop(limitMs: number): Promise<void>;
}

/** Connects, migrates, takes up what was left unfinished. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const closing = new AsyncDisposableStack();
  try {
    return await openEngine(options, closing);
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** Each part stands on those before it, and all are closed in the reverse of this order. */
async function openEngine(options: EngineOptions, closing: AsyncDisposableStack): Promise<Engine> {
  const resources = await openResources(options, closing);
  const workAdded = new WorkAdded(resources.bus);
  const library = createLibrary(options, resources, workAdded, closing);
  const machinery = await openMachinery(options, resources, library, closing);
  const services = createServices(options, resources, library, machinery, workAdded, closing);
  const background = new Background(options, resources, library, machinery);
  const { database, databaseClock, clock, bus, rateLimiter } = resources;
  const { dispatcher, journal, slots, memory, local } = machinery;
  const { scheduler } = background;
  const health = new HealthProbe({
    url: options.databaseUrl,
    journal,
    bus: options.redisUrl === undefined ? null : bus,
    scheduler,
  });
  closing.defer(() => health.close());

  await library.workflows.start();
  await library.templates.start();
  await services.keys.start();
  await background.start(workAdded);
  services.audit.start();

  let stopped: Promise<void> | null = null;
  return {
    ...services,
    rateLimiter,
    journalStats: journal.stats,
    memory,
    bus,
    database: roomDatabase(database.pool),
    wake: (executionIds) => {
      for (const id of executionIds) dispatcher.enqueue(id, 0);
    },
    health: () => health.check(),
    figuresOfAllTenants: figuresOfAllTenants(database.pool, clock),
    load: () =>
      loadOf({
        worker: local?.worker ?? null,
        dispatcher: local?.dispatcher ?? null,
        slots,
        memory,
        database,
        bus,
        clock: databaseClock,
        journal,
      }),
    drain: (isFault = false) => local?.worker.drain(isFault),
    stop: (limitMs) => {
      stopped ??= background.stop(limitMs).then(() => closing.disposeAsync());
      return stopped;
    },
  };
}
