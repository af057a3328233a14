import { LocalDispatcher } from "./dispatch/local.ts";
import { DomainError } from "./errors.ts";
import { changeOf } from "./events/activity.ts";
import { type Bus, channels } from "./events/bus.ts";
import { createBus } from "./events/create-bus.ts";
import { LiveService } from "./events/live-service.ts";
import { childExecutions } from "./execution/children.ts";
import { ExecutionQueries } from "./execution/execution-queries.ts";
import { ExecutionService } from "./execution/execution-service.ts";
import type { RunPorts } from "./execution/ports.ts";
import { Worker } from "./execution/worker.ts";
import { createSecretMask } from "./expression/index.ts";
import { createFileService, type FileLimits, type FileService, type FileStore } from "./files/index.ts";
import { createPostgresFileRecords } from "./files/postgres-records.ts";
import type { HttpClient } from "./http/index.ts";
import { Journal, type JournalStats } from "./journal/journal.ts";
import { KeyService } from "./keys/index.ts";
import { createRateLimiter } from "./limits/create-rate-limiter.ts";
import type { RateLimiter } from "./limits/rate-limiter.ts";
import type { Mailer } from "./mail/index.ts";
import type { Probe } from "./probe.ts";
import { Scheduler, ScheduleService, WorkflowSchedules } from "./schedule/index.ts";
import { StatisticsService } from "./statistics/index.ts";
import { createStepTypes, type StepTypes } from "./steps/index.ts";
import { openDatabase, readDatabaseIdentity } from "./store/database.ts";
import { executionIds, IdBlocks, stepIds } from "./store/ids.ts";
import { TemplateService } from "./template/index.ts";
import { Plans } from "./workflow/plans.ts";
import { WorkflowService } from "./workflow/workflow-service.ts";

export type EngineLogger = (
  level: "debug" | "info" | "warning" | "error",
  message: string,
  fields: Readonly<Record<string, string | number | null>>,
) => void;

export interface EngineOptions {
  readonly databaseUrl: string;
  /** `redis://` or `rediss://` address. Absent: nobody else works on this database, and all of it stays in this process. */
  readonly redisUrl?: string | undefined;
  /** Executions in hand at once. */
  readonly concurrency: number;
  /** What `{{env.X}}` may read. */
  readonly environment: ReadonlyMap<string, string>;
  readonly http: HttpClient;
  readonly mailer: Mailer | null;
  readonly fileStore: FileStore;
  readonly fileLimits?: FileLimits;
  /** Whether requests are limited. Default true; false is for load tests. */
  readonly rateLimits?: boolean;
  readonly log: EngineLogger;
  /** Where tests and benchmarks stand in the way of a step. */
  readonly invoke?: RunPorts["invoke"];
  /** Called at each named point; the crash tests end the process there. */
  readonly probe?: Probe;
}

export interface Engine {
  readonly workflows: WorkflowService;
  readonly templates: TemplateService;
  readonly executions: ExecutionService;
  readonly executionQueries: ExecutionQueries;
  readonly live: LiveService;
  readonly keys: KeyService;
  readonly schedules: ScheduleService;
  readonly files: FileService;
  readonly statistics: StatisticsService;
  readonly stepTypes: StepTypes;
  /** Both faces spend from it. */
  readonly rateLimiter: RateLimiter;
  readonly journalStats: JournalStats;
  /** Where each event is heard once it is committed. */
  readonly bus: Bus;
  /** Executions in hand in this process; what waits is not among them. */
  executionsInHand(): number;
  /** Takes no new work, waits for what is in hand up to `limitMs`, hands the rest back, and closes. Once only. */
  stop(limitMs: number): Promise<void>;
}

/** Connects, migrates, takes up what was left unfinished. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { log, probe } = options;
  const database = await openDatabase(options.databaseUrl);
  const { pool, em } = database;
  const namespace = await readDatabaseIdentity(pool);
  const shared = { redisUrl: options.redisUrl, namespace, log };
  const [bus, rateLimiter] = await Promise.all([
    createBus(shared),
    createRateLimiter({ ...shared, enabled: options.rateLimits ?? true }),
  ]);
  const dispatcher = new LocalDispatcher(options.databaseUrl, pool);
  const { http, mailer, fileStore: store, fileLimits } = options;
  const records = createPostgresFileRecords(em);
  const files = createFileService({ store, records, ...(fileLimits && { limits: fileLimits }) });
  const stepTypes = createStepTypes({ files, http, mailer });
  const mask = createSecretMask([...options.environment.values()]);
  const context = {
    stepTypes,
    env: { names: [...options.environment.keys()], get: (name: string) => options.environment.get(name) },
  };
  const plans = new Plans(em, context);
  const workflows = new WorkflowService(em, context, bus, new WorkflowSchedules(bus));
  const templates = new TemplateService(em, pool, context, workflows);
  const ids = new IdBlocks(pool, executionIds);
  const steps = new IdBlocks(pool, stepIds);

  const journal = await Journal.open(options.databaseUrl, {
    published: (execution, events) => {
      probe?.("publish.before");
      for (const event of events) {
        bus.publish(channels.execution(execution.id), event);
        const change = changeOf(execution, event);
        if (change === null) continue;
        bus.publish(channels.workflow(execution.workflowId), change);
        bus.publish(channels.tenant(execution.tenantId), change);
      }
      probe?.("publish.after");
      worker.stored(execution.id);
    },
    runnable: (executionIds) => {
      for (const id of executionIds) dispatcher.enqueue(id, 0);
    },
    warn: (message, error) => log("warning", message, { error: String(error) }),
    probe,
  });

  const worker = new Worker({
    pool,
    journal,
    dispatcher,
    plan: (workflowId, version) => plans.get(workflowId, version),
    concurrency: options.concurrency,
    probe,
    ports: {
      now: () => Date.now(),
      random: () => Math.random(),
      stepId: () => steps.next(),
      stepType: (type) => {
        const found = stepTypes.get(type);
        if (!found) throw new DomainError("INTERNAL", `No step type ${type}`);
        return found;
      },
      invoke: probed(options.invoke ?? ((type, config, stepContext) => type.run(config, stepContext)), probe),
      changed: (entry) => journal.changed(entry),
      ...childExecutions({ pool, workflows, ids }),
      mask,
      log,
    },
  });
  const executions = new ExecutionService({ pool, bus, journal, dispatcher, worker, workflows, plans, ids });

  const schedules = new ScheduleService({ em, pool, bus, executions });
  const scheduler = new Scheduler({ pool, bus, executions, log });
  const executionQueries = new ExecutionQueries(pool);
  const keys = new KeyService(em, bus);

  const close = async (): Promise<void> => {
    await journal.close();
    await dispatcher.stop();
    await files.close();
    await keys.close();
    await bus.close();
    await rateLimiter.close();
    await database.close();
  };
  const stop = async (limitMs: number): Promise<void> => {
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, limitMs);
    await scheduler.stop();
    await worker.stop(limit.promise);
    clearTimeout(timer);
    await close();
  };
  let stopped: Promise<void> | null = null;
  try {
    await workflows.start();
    await templates.start();
    await keys.start();
    await dispatcher.start(worker);
    await scheduler.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    workflows,
    templates,
    executions,
    executionQueries,
    live: new LiveService({ pool, bus, workflows }),
    keys,
    schedules,
    files,
    statistics: new StatisticsService(pool),
    stepTypes,
    rateLimiter,
    journalStats: journal.stats,
    bus,
    executionsInHand: () => worker.size,
    stop: (limitMs) => {
      stopped ??= stop(limitMs);
      return stopped;
    },
  };
}

function probed(invoke: RunPorts["invoke"], probe: Probe | undefined): RunPorts["invoke"] {
  if (!probe) return invoke;
  const effect: RunPorts["invoke"] = async (type, config, context) => {
    probe("effect.before");
    const output = await invoke(type, config, context);
    probe("effect.after");
    return output;
  };
  return (type, ...rest) => (type.effect === "none" ? invoke : effect)(type, ...rest);
}
