import { randomBytes } from "node:crypto";
import type pg from "pg";
import { InProcessBus } from "../../engine/bus/in-process-bus.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import { isExecutionOver } from "../../engine/model/status.ts";
import { Scheduler, type SchedulerDeps, ScheduleService, WorkflowSchedules } from "../../engine/schedule/index.ts";
import { openPool } from "../../engine/store/connection.ts";
import { type Database, openDatabase } from "../../engine/store/database.ts";
import { ExecutionEntity, type ExecutionRow } from "../../engine/store/entities/execution.ts";
import type { ScheduleRow } from "../../engine/store/entities/schedule.ts";
import { TestClock } from "./clock.ts";
import { TENANT, type TestEngine } from "./engine.ts";

/** A scheduler as a process of its own would have it: its connections are not shared, and can be cut. */
export interface TestScheduler {
  readonly scheduler: Scheduler;
  /** Statements it has sent. */
  queries(): number;
  /** Ends it as a crash would: no clean-up, its transaction is rolled back by Postgres. */
  kill(): Promise<void>;
}

/** What a schedule needs around it, with a clock of the test's own. */
export class ScheduleBench {
  readonly clock: TestClock;
  readonly bus = new InProcessBus();
  readonly schedules: ScheduleService;
  readonly ofWorkflows: WorkflowSchedules;
  readonly logged: string[] = [];
  private readonly running: { scheduler: Scheduler; pool: pg.Pool }[] = [];

  private constructor(
    readonly engine: TestEngine,
    readonly database: Database,
    start: string,
  ) {
    this.clock = new TestClock(start);
    const now = (): number => this.clock.now();
    const { em, pool } = database;
    const { executions } = engine.engine;
    this.schedules = new ScheduleService({ em, pool, bus: this.bus, executions, now });
    this.ofWorkflows = new WorkflowSchedules(this.bus, now);
  }

  static async open(engine: TestEngine, start: string): Promise<ScheduleBench> {
    return new ScheduleBench(engine, await openDatabase(engine.options.databaseUrl), start);
  }

  /** `over` stands in for parts of the execution service. */
  async scheduler(over: Partial<SchedulerDeps["executions"]> = {}): Promise<TestScheduler> {
    const name = `scheduler-${randomBytes(4).toString("hex")}`;
    const pool = openPool({ connectionString: this.engine.options.databaseUrl, application_name: name }, 4);
    let queries = 0;
    pool.on("connect", (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        queries += 1;
        return query(...args);
      }) as typeof client.query;
    });
    const { executions } = this.engine.engine;
    const scheduler = new Scheduler({
      pool,
      bus: this.bus,
      clock: this.clock,
      log: (_, message, fields) => this.logged.push(`${message} ${JSON.stringify(fields)}`),
      executions: {
        start: (request) => executions.start(request),
        cancel: (...args) => executions.cancel(...args),
        get: (...args) => executions.get(...args),
        events: (...args) => executions.events(...args),
        ...over,
      },
    });
    this.running.push({ scheduler, pool });
    const kill = async (): Promise<void> => {
      void scheduler.stop();
      await this.database.pool.query(
        // Waits until they are gone: only then are their locks.
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1",
        [name],
      );
    };
    return { scheduler, queries: () => queries, kill };
  }

  async workflow(name: string, steps: readonly JsonObject[] = [LOG], rest: JsonObject = {}): Promise<number> {
    const { id } = await this.engine.engine.workflows.create(TENANT, { name, workflow_config: { steps }, ...rest });
    return id;
  }

  async schedule(workflowId: number, cron: string, rest: JsonObject = {}): Promise<ScheduleRow> {
    return this.schedules.create(TENANT, { workflow_id: workflowId, name: cron, cron, ...rest });
  }

  read(id: number): Promise<ScheduleRow> {
    return this.schedules.get(TENANT, id);
  }

  /** Executions of a workflow, in the order in which they were started. */
  executions(workflowId: number): Promise<ExecutionRow[]> {
    return this.database.em().find(ExecutionEntity, { workflowId }, { orderBy: { id: "asc" } });
  }

  /** Nominal times that started an execution. */
  async fired(workflowId: number): Promise<string[]> {
    return (await this.executions(workflowId)).map((row) => String(row.triggerData.scheduled_time)).sort();
  }

  async isOver(executionId: number): Promise<boolean> {
    return isExecutionOver((await this.engine.engine.executions.get(TENANT, executionId)).status);
  }

  async close(): Promise<void> {
    for (const { scheduler, pool } of this.running) {
      await scheduler.stop();
      await pool.end();
    }
    await this.database.close();
  }
}

const LOG = { type: "log", config: { message: "hello" } };
export const LONG = { name: "wait", type: "delay", config: { seconds: 100_000 } };
