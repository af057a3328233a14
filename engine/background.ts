import type { EngineOptions } from "./engine-options.ts";
import { startOnUpload } from "./execution/index.ts";
import { FileWorker } from "./files/index.ts";
import type { Library } from "./library.ts";
import type { Machinery } from "./machinery.ts";
import type { Resources } from "./resources.ts";
import { KEEP_FOR_EVER, Sweeper } from "./retention/index.ts";
import { Scheduler } from "./schedule/index.ts";
import type { WorkAdded } from "./work-added.ts";

/** What goes on by itself: executions, schedules, work on files, webhooks, the removal of what is old. */
export class Background {
  readonly scheduler: Scheduler | null;
  private readonly fileWorker: FileWorker;
  private readonly sweeper: Sweeper;

  constructor(
    private readonly options: EngineOptions,
    resources: Resources,
    { files, workflows }: Library,
    private readonly machinery: Machinery,
  ) {
    const { clock, bus } = resources;
    const { pool } = resources.database;
    const { executions, remover } = machinery;
    const { log, retention = KEEP_FOR_EVER } = options;
    this.scheduler = options.scheduler === false ? null : new Scheduler({ pool, bus, executions, log, clock });
    this.fileWorker = new FileWorker({
      pool,
      clock,
      files,
      startWorkflows: (file, taskId) => startOnUpload({ workflows, executions }, file, taskId),
      log,
    });
    this.sweeper = new Sweeper({ pool, clock, remover, retention, log });
  }

  /** What was left unfinished goes on first. */
  async start(workAdded: WorkAdded): Promise<void> {
    const { local, deliverer } = this.machinery;
    if (local) await local.dispatcher.start(local.worker);
    await this.scheduler?.start();
    if (local) {
      this.fileWorker.start();
      this.sweeper.start();
      await workAdded.wakes(this.fileWorker, deliverer);
    }
    if (this.options.deliverWebhooks ?? true) deliverer.start();
  }

  /** Takes no new work, and waits for what is in hand up to `limitMs`; the rest is handed back. */
  async stop(limitMs: number): Promise<void> {
    const { local, deliverer } = this.machinery;
    const limit = Promise.withResolvers<void>();
    const until = performance.now() + limitMs;
    const timer = setTimeout(limit.resolve, limitMs);
    await this.scheduler?.stop();
    await this.fileWorker.stop();
    // What it is at is short, unless Postgres is in trouble; cut off, it was never done.
    await Promise.race([this.sweeper.stop(), limit.promise]);
    await local?.worker.stop(limit.promise);
    // After the worker: what it finished last is still told of, as far as the time goes.
    await deliverer.stop(Math.max(until - performance.now(), 0));
    clearTimeout(timer);
  }
}
