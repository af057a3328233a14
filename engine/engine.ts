import { LocalDispatcher } from "./dispatch/local.ts";
import { DomainError } from "./errors.ts";
import { channels } from "./events/bus.ts";
import { InProcessBus } from "./events/in-process-bus.ts";
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
import type { Mailer } from "./mail/index.ts";
import { createStepTypes, type StepTypes } from "./steps/index.ts";
import { openDatabase } from "./store/database.ts";
import { executionIds, IdBlocks, stepIds } from "./store/ids.ts";
import { Plans } from "./workflow/plans.ts";
import { WorkflowService } from "./workflow/workflow-service.ts";

export type EngineLogger = (
  level: "debug" | "info" | "warning" | "error",
  message: string,
  fields: Readonly<Record<string, string | number | null>>,
) => void;

export interface EngineOptions {
  readonly databaseUrl: string;
  /** Executions in hand at once. */
  readonly concurrency: number;
  /** What `{{env.X}}` may read. */
  readonly environment: ReadonlyMap<string, string>;
  readonly http: HttpClient;
  readonly mailer: Mailer | null;
  readonly fileStore: FileStore;
  readonly fileLimits?: FileLimits;
  readonly log: EngineLogger;
  /** Where the crash tests and the benchmarks stand in the way of a step. */
  readonly invoke?: RunPorts["invoke"];
}

export interface Engine {
  readonly workflows: WorkflowService;
  readonly executions: ExecutionService;
  readonly executionQueries: ExecutionQueries;
  readonly keys: KeyService;
  readonly files: FileService;
  readonly stepTypes: StepTypes;
  readonly journalStats: JournalStats;
  /** Takes no new work, waits for what is in hand up to `limitMs`, hands the rest back, and closes. */
  stop(limitMs: number): Promise<void>;
}

/** Connects, migrates, takes up what was left unfinished. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { log } = options;
  const database = await openDatabase(options.databaseUrl);
  const { pool, em } = database;
  const bus = new InProcessBus();
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
  const workflows = new WorkflowService(em, context, bus);
  const ids = new IdBlocks(pool, executionIds);
  const steps = new IdBlocks(pool, stepIds);

  const journal = await Journal.open(options.databaseUrl, {
    published: (execution, events) => {
      for (const event of events) {
        bus.publish(channels.execution(execution.id), event);
        bus.publish(channels.workflow(execution.workflowId), event);
        bus.publish(channels.tenant(execution.tenantId), event);
      }
      worker.stored(execution.id);
    },
    runnable: (executionIds) => {
      for (const id of executionIds) dispatcher.enqueue(id, 0);
    },
    warn: (message, error) => log("warning", message, { error: String(error) }),
  });

  const worker = new Worker({
    pool,
    journal,
    dispatcher,
    plan: (workflowId, version) => plans.get(workflowId, version),
    concurrency: options.concurrency,
    ports: {
      now: () => Date.now(),
      random: () => Math.random(),
      stepId: () => steps.next(),
      stepType: (type) => {
        const found = stepTypes.get(type);
        if (!found) throw new DomainError("INTERNAL", `No step type ${type}`);
        return found;
      },
      invoke: options.invoke ?? ((type, config, stepContext) => type.run(config, stepContext)),
      changed: (entry) => journal.changed(entry),
      ...childExecutions({ pool, workflows, ids }),
      mask,
      log,
    },
  });
  const executions = new ExecutionService({ pool, bus, journal, dispatcher, worker, workflows, plans, ids });

  const executionQueries = new ExecutionQueries(pool);
  const keys = new KeyService(em, bus);

  await workflows.start();
  await keys.start();
  await dispatcher.start(worker);
  return {
    workflows,
    executions,
    executionQueries,
    keys,
    files,
    stepTypes,
    journalStats: journal.stats,
    stop: async (limitMs) => {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, limitMs);
      await worker.stop(limit.promise);
      clearTimeout(timer);
      await journal.close();
      await dispatcher.stop();
      await files.close();
      await keys.close();
      await bus.close();
      await database.close();
    },
  };
}
