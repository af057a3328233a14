import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { EVERY_TENANT, type Grants } from "../../engine/definition/environments.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";
import type { EngineOptions } from "../../engine/engine-options.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import type { ExecutionRecord, StepRecord } from "../../engine/model/records.ts";
import { isExecutionOver } from "../../engine/model/status.ts";
import { tenantNamed } from "../../engine/model/tenant.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { assertFold } from "./fold.ts";
import { testDatabase } from "./postgres.ts";

export const TENANT = tenantNamed("test");

export interface TestEngine {
  /** Where the files are. */
  readonly directory: string;
  readonly engine: Engine;
  /** What the engine was made with. */
  readonly options: EngineOptions;
  /** For a look at the rows. */
  readonly pool: pg.Pool;
  /** Makes a workflow of these steps and starts it. */
  start(steps: readonly unknown[], options?: { trigger?: JsonObject; workflow?: JsonObject }): Promise<ExecutionRecord>;
  /** Waits, by its events, until the execution is over. Checks that its rows are the fold of its events. */
  finished(
    id: number,
  ): Promise<{ execution: ExecutionRecord; steps: StepRecord[]; byName: Record<string, StepRecord> }>;
  /** Waits until an event of this type was published. */
  reached(id: number, type: string, count?: number): Promise<void>;
  /** Stops the engine and starts another on the same database. `limitMs`: for what is in hand, default 5,000. */
  restart(limitMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Variables that every tenant may read. */
export function toAll(values: Readonly<Record<string, string>>): Grants {
  return new Map([[EVERY_TENANT, new Map(Object.entries(values))]]);
}

/** A whole engine on a database of its own. */
export async function testEngine(overrides: Partial<EngineOptions> = {}): Promise<TestEngine> {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), "stepwire-files-"));
  const fileStore = await createDiskFileStore({ directory });
  const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "test" });
  const options: EngineOptions = {
    databaseUrl: database.url,
    concurrency: 50,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http,
    mailer: null,
    fileStore,
    log: () => {},
    ...overrides,
  };
  const open = (): Promise<Engine> => createEngine(options);
  let engine = await open();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {});
  let workflows = 0;
  return {
    get engine() {
      return engine;
    },
    options,
    directory,
    pool,
    start: async (steps, { trigger = {}, workflow = {} } = {}) => {
      const { id } = await engine.workflows.create(TENANT, {
        name: `workflow ${++workflows}`,
        workflow_config: { steps } as unknown as JsonObject,
        ...workflow,
      });
      return engine.executions.start({ tenantId: TENANT, workflowId: id, triggerData: trigger });
    },
    finished: async (id) => {
      for await (const _ of await engine.executions.events(TENANT, id, 0));
      const execution = await engine.executions.get(TENANT, id);
      if (!isExecutionOver(execution.status)) throw new Error(`Execution ${id} is ${execution.status}`);
      await assertFold(pool, id);
      const steps = await engine.executions.steps(TENANT, id);
      return { execution, steps, byName: Object.fromEntries(steps.map((step) => [step.name, step])) };
    },
    reached: async (id, type, count = 1) => {
      let seen = 0;
      for await (const event of await engine.executions.events(TENANT, id, 0)) {
        if (event.type === type && ++seen === count) return;
      }
      throw new Error(`Execution ${id} ended without ${type}`);
    },
    restart: async (limitMs = 5_000) => {
      await engine.stop(limitMs);
      engine = await open();
    },
    close: async () => {
      await engine.stop(5_000);
      await pool.end();
      await http.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
