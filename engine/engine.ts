import { AuditLog, auditedServices, identify } from "./audit/index.ts";
import { type Bus, CountedBus, channels, createBus } from "./bus/index.ts";
import { Environments } from "./definition/index.ts";
import { LocalDispatcher, RemoteDispatcher } from "./dispatch/index.ts";
import type { EngineOptions } from "./engine-options.ts";
import { createPublisher, LiveService } from "./events/index.ts";
import {
  childExecutions,
  DEFAULT_DESCENDANT_LIMIT,
  Descendants,
  ExecutionBatches,
  ExecutionQueries,
  ExecutionService,
  observedInvoke,
  Places,
  probedInvoke,
  startOnUpload,
  Worker,
} from "./execution/index.ts";
import { createSecretMask } from "./expression/index.ts";
import { createFileService, createPostgresFileRecords, type FileService, FileWorker } from "./files/index.ts";
import { type EngineHealth, HealthProbe } from "./health.ts";
import { HookService } from "./hook/index.ts";
import { Journal, type JournalStats } from "./journal/index.ts";
import { KeyService } from "./keys/index.ts";
import { createRateLimiter, type RateLimiter } from "./limits/index.ts";
import { type EngineLoad, loadOf } from "./load.ts";
import { DomainError } from "./model/index.ts";
import { Scheduler, ScheduleService, WorkflowSchedules } from "./schedule/index.ts";
import { claimKey } from "./secret/index.ts";
import { defaultMemoryBytes, MemoryBudget, Share, timesFreeOfShort } from "./share/index.ts";
import { SimulationService } from "./simulation/index.ts";
import { StatisticsService } from "./statistics/index.ts";
import { createStepTypes, type StepTypes } from "./steps/index.ts";
import {
  DatabaseClock,
  executionIds,
  IdBlocks,
  openDatabase,
  type RoomDatabase,
  readBusKey,
  readDatabaseIdentity,
  roomDatabase,
  stepIds,
} from "./store/index.ts";
import { TemplateService } from "./template/index.ts";
import { DeliveryService, WebhookDeliverer } from "./webhook/index.ts";
import { Plans, WorkflowService } from "./workflow/index.ts";

export interface Engine {
  readonly workflows: WorkflowService;
  readonly templates: TemplateService;
  readonly executions: ExecutionService;
  readonly executionQueries: ExecutionQueries;
  readonly executionBatches: ExecutionBatches;
  readonly live: LiveService;
  readonly keys: KeyService;
  readonly schedules: ScheduleService;
  readonly simulations: SimulationService;
  readonly hooks: HookService;
  readonly deliveries: DeliveryService;
  readonly audit: AuditLog;
  readonly files: FileService;
  readonly statistics: StatisticsService;
  readonly stepTypes: StepTypes;
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
  const { log, probe, observer, keyring } = options;
  const database = await openDatabase(options.databaseUrl, options.databaseLimits);
  const { pool, em } = database;
  const namespace = await readDatabaseIdentity(pool);
  await claimKey(pool, keyring, options.isOldKeyLost ?? false).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const databaseClock = await DatabaseClock.open(pool, log);
  const clock = options.clock ?? databaseClock;
  const shared = { redisUrl: options.redisUrl, namespace, log };
  const [plainBus, rateLimiter] = await Promise.all([
    createBus({ ...shared, key: await readBusKey(pool) }),
    createRateLimiter({ ...shared, clock, enabled: options.rateLimits ?? true }),
  ]);
  const bus = new CountedBus(plainBus);
  const local =
    options.worker === false
      ? null
      : new LocalDispatcher(options.databaseUrl, pool, clock, log, options.redisUrl === undefined ? undefined : bus);
  const dispatcher = local ?? new RemoteDispatcher(bus, clock);
  const { http, mailer, fileStore: store, fileLimits } = options;
  const records = createPostgresFileRecords(em, {
    ...fileLimits,
    noted: () => bus.publish(channels.journal, null),
    clock,
  });
  const files = createFileService({
    store,
    records,
    ...(fileLimits && { limits: fileLimits }),
    taskAdded: () => workAdded(),
  });
  const stepTypes = createStepTypes({ files, http, mailer, participants: options.participants });
  const environments = new Environments(options.environment);
  const mask = createSecretMask(environments.values());
  const context = { stepTypes, environments };
  const plans = new Plans(em, context);
  const workflows = new WorkflowService(em, context, bus, new WorkflowSchedules(bus, () => clock.now()), pool);
  const templates = new TemplateService(em, pool, context, workflows);
  const ids = new IdBlocks(pool, executionIds);
  const steps = new IdBlocks(pool, stepIds);
  const descendants = new Descendants(pool, options.descendantLimit ?? DEFAULT_DESCENDANT_LIMIT);

  const publish = createPublisher({ bus, observer, probe });
  const deliverer = new WebhookDeliverer({
    pool,
    http,
    mask,
    targets: async (workflowId, version) => (await plans.get(workflowId, version)).definition.webhooks,
    log,
    clock,
  });
  const journal = await Journal.open(
    options.databaseUrl,
    {
      published: (execution, events, deliveries) => {
        publish(execution, events);
        if (deliveries > 0) deliverer.wake();
        worker?.stored(execution.id);
      },
      runnable: (executionIds) => {
        for (const id of executionIds) dispatcher.enqueue(id, 0);
      },
      warn: (message, error) => log("warning", message, { error: String(error) }),
      flushed: observer && ((flush) => observer.flushed(flush)),
      probe,
    },
    options.databaseLimits,
  );

  const freed = (): void => dispatcher.roomFreed();
  const slots = new Share(options.concurrency, freed, timesFreeOfShort(options.concurrency));
  const memory = new MemoryBudget(options.memoryBytes ?? defaultMemoryBytes(), freed);
  const worker =
    local &&
    new Worker({
      pool,
      journal,
      dispatcher,
      plan: (workflowId, version, triggerIsSecret) => plans.get(workflowId, version, triggerIsSecret),
      places: new Places(slots, memory),
      probe,
      ports: {
        now: () => clock.now(),
        random: () => Math.random(),
        stepId: () => steps.nextPatiently(),
        stepType: (type) => {
          const found = stepTypes.get(type);
          if (!found) throw new DomainError("INTERNAL", `No step type ${type}`);
          return found;
        },
        invoke: observedInvoke(
          probedInvoke(options.invoke ?? ((type, config, stepContext) => type.run(config, stepContext)), probe),
          observer,
        ),
        held: () => local.held(),
        changed: (entry) => journal.changed(entry),
        ...childExecutions({ clock, pool, workflows, ids, descendants, rateLimiter, plans, keyring }),
        keyring,
        mask,
        log,
      },
    });
  const executions = new ExecutionService({
    clock,
    pool,
    bus,
    journal,
    dispatcher,
    worker,
    workflows,
    plans,
    ids,
    stepIds: steps,
    keyring,
    descendants,
    observer,
  });

  const fileWorker = new FileWorker({
    pool,
    clock,
    files,
    startWorkflows: (file, taskId) => startOnUpload({ workflows, executions }, file, taskId),
    log,
  });
  const schedules = new ScheduleService({ em, pool, bus, executions, now: () => clock.now() });
  const scheduler = options.scheduler === false ? null : new Scheduler({ pool, bus, executions, log, clock });
  const health = new HealthProbe({
    url: options.databaseUrl,
    journal,
    bus: options.redisUrl === undefined ? null : bus,
    scheduler,
  });
  const executionQueries = new ExecutionQueries(pool, memory.limitBytes);
  const keys = new KeyService(em, bus, clock);
  const audit = new AuditLog({ pool, mask, log });
  const hooks = new HookService({
    em,
    workflows,
    executions,
    called: (hook) => identify({ tenantId: hook.tenantId, actor: `hook:${hook.id}` }),
    clock,
  });
  const deliveries = new DeliveryService({ em, pool, wake: () => workAdded(), clock });

  /** Rows for the workers of files and webhooks, which run where executions do. */
  const workAdded = (): void => {
    if (worker) {
      fileWorker.wake();
      deliverer.wake();
    } else bus.publish(channels.workAdded, null);
  };

  const close = async (): Promise<void> => {
    await journal.close();
    await health.close();
    await dispatcher.stop();
    await files.close();
    await keys.close();
    await audit.close();
    await bus.close();
    await rateLimiter.close();
    databaseClock.close();
    await database.close();
  };
  const stop = async (limitMs: number): Promise<void> => {
    const limit = Promise.withResolvers<void>();
    const until = performance.now() + limitMs;
    const timer = setTimeout(limit.resolve, limitMs);
    await scheduler?.stop();
    await fileWorker.stop();
    await worker?.stop(limit.promise);
    // After the worker: what it finished last is still told of, as far as the time goes.
    await deliverer.stop(Math.max(until - performance.now(), 0));
    clearTimeout(timer);
    await close();
  };
  let stopped: Promise<void> | null = null;
  try {
    await workflows.start();
    await templates.start();
    await keys.start();
    if (worker) await dispatcher.start(worker);
    await scheduler?.start();
    if (worker) {
      fileWorker.start();
      await bus.subscribe(channels.workAdded, workAdded);
    }
    if (options.deliverWebhooks ?? true) deliverer.start();
    audit.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...auditedServices({
      workflows,
      templates,
      executions,
      executionBatches: new ExecutionBatches(pool, executionQueries, dispatcher, workflows),
      keys,
      schedules,
      files,
      hooks,
      deliveries,
    }),
    executionQueries,
    live: new LiveService({ pool, bus, workflows }),
    audit,
    statistics: new StatisticsService(pool, clock),
    simulations: new SimulationService(workflows, stepTypes, environments),
    stepTypes,
    rateLimiter,
    journalStats: journal.stats,
    memory,
    bus,
    database: roomDatabase(pool),
    wake: (executionIds) => {
      for (const id of executionIds) dispatcher.enqueue(id, 0);
    },
    health: () => health.check(),
    load: () => loadOf({ worker, dispatcher: local, slots, memory, database, bus, clock: databaseClock, journal }),
    drain: (isFault = false) => worker?.drain(isFault),
    stop: (limitMs) => {
      stopped ??= stop(limitMs);
      return stopped;
    },
  };
}
