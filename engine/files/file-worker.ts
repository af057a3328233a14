import type pg from "pg";
import { DomainError, isPassing } from "../model/index.ts";
import { type Clock, Lookout, patiently } from "../runtime/index.ts";
import type { FileRecord } from "./file-records.ts";
import type { FileService } from "./file-service.ts";
import { type ClaimedTask, claimTasks, finishTask, giveUpTask, nextTaskAt, postponeTask } from "./file-tasks.ts";

/** Reading a document takes a process and a core; starts of workflows are short. */
const MAX_IN_HAND = 4;
/** Longer than reading a file can take (240 s), what waits for a process included. */
const LEASE_MS = 900_000;
/** A task whose process ended so often while it was in hand is not taken again. */
const MAX_ENDS = 3;
const PASSED_OVER_MS = 20;
/** After a fault of ours. */
const TROUBLE_MS = 10_000;
/** After Postgres could not be asked. */
const AWAY_MS = 1_000;

interface FileWorkerOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly files: Pick<FileService, "get" | "process">;
  /** Starts the workflows that ask for uploads like this file; each once for a task. */
  startWorkflows(file: FileRecord, taskId: number): Promise<void>;
  log(level: "warning", message: string, fields: Readonly<Record<string, string | number | null>>): void;
}

/** Does what uploads and requests to process leave to be done. Any number of processes may have one on a database. */
export class FileWorker {
  private readonly inHand = new Map<number, Promise<void>>();
  private readonly abort = new AbortController();
  private readonly lookout: Lookout;

  constructor(private readonly options: FileWorkerOptions) {
    this.lookout = new Lookout({
      take: () => this.takeDue(),
      nextAt: () => this.nextAt(),
      failed: (error) =>
        options.log("warning", "Could not read the tasks of files; trying again", { error: String(error) }),
      retryMs: AWAY_MS,
      passedOverMs: PASSED_OVER_MS,
      clock: options.clock,
    });
  }

  start(): void {
    void this.lookout.start();
  }

  /** There is a new task. */
  wake(): void {
    this.lookout.wake();
  }

  /** Takes no more; what is in hand is ended, and is due again for whoever is there. */
  async stop(): Promise<void> {
    await this.lookout.stop();
    this.abort.abort(new Error("The process stops"));
    await Promise.all(this.inHand.values());
  }

  private async takeDue(): Promise<void> {
    const free = MAX_IN_HAND - this.inHand.size;
    if (free === 0) return;
    for (const task of await claimTasks(this.options.pool, free, LEASE_MS, this.options.clock.now())) this.take(task);
  }

  private async nextAt(): Promise<number | null> {
    if (this.inHand.size === MAX_IN_HAND) return null;
    return nextTaskAt(this.options.pool);
  }

  private take(task: ClaimedTask): void {
    const done = this.settle(task).finally(() => {
      this.inHand.delete(task.id);
      this.lookout.wake();
    });
    this.inHand.set(task.id, done);
  }

  private async settle(task: ClaimedTask): Promise<void> {
    const { pool, log, clock } = this.options;
    try {
      await this.perform(task);
      await patiently(
        () => finishTask(pool, task.id),
        () => this.abort.signal.aborted,
      );
    } catch (error) {
      const { signal } = this.abort;
      if (!signal.aborted)
        log("warning", "A file's task failed; trying again", { file_id: task.fileId, error: String(error) });
      const delayMs = signal.aborted ? 0 : isPassing(error) ? AWAY_MS : TROUBLE_MS;
      // When even this fails the lease runs out.
      await patiently(
        () => postponeTask(pool, task.id, clock.now() + delayMs),
        () => signal.aborted,
      ).catch(() => {});
    }
  }

  private async perform({ id, fileId, tenantId, extract, triggers, takes }: ClaimedTask): Promise<void> {
    const { pool, files, startWorkflows, log } = this.options;
    if (takes > MAX_ENDS) {
      log("warning", "A file's task ended the process again and again: it is given up", { file_id: fileId });
      await giveUpTask(pool, id, "The process ended whenever the file was in hand (POISONED)");
      return;
    }
    try {
      const file = extract
        ? await files.process(tenantId, fileId, this.abort.signal)
        : await files.get(tenantId, fileId);
      if (triggers) await startWorkflows(file, id);
    } catch (error) {
      // Deleted meanwhile: there is nothing left to do.
      if (!(error instanceof DomainError && error.code === "FILE_NOT_FOUND")) throw error;
    }
  }
}
