import { once } from "node:events";
import type { Piscina } from "piscina";
import { DomainError } from "../../errors.ts";
import type { ProcessingJob, ProcessingOutcome } from "./jobs.ts";
import { IDLE_THREAD_MS } from "./limits.ts";
import { watchBuffers } from "./memory-watch.ts";
import type { ProcessingLimits } from "./processor.ts";
import { createSlots } from "./slots.ts";

/** A pool of threads of its own, so that one kind of work does not wait behind another. */
export interface Lane {
  run(job: ProcessingJob, signal: AbortSignal | undefined): Promise<ProcessingOutcome>;
  /** Ends the running and refuses the waiting with SHUTTING_DOWN; resolves when the threads are gone. */
  close(): Promise<void>;
}

type Pool = Piscina<ProcessingJob, ProcessingOutcome>;

/** No thread is started, and the pool's library is not loaded, before the first job. */
export function createLane(threads: number, limits: ProcessingLimits): Lane {
  let starting: Promise<Pool> | undefined;
  const closing = new AbortController();
  const acquire = createSlots(threads);
  /** Threads ended for their memory, of which the job has not been told yet. */
  let ended = 0;

  async function perform(pool: Pool, job: ProcessingJob, stop: AbortSignal): Promise<ProcessingOutcome> {
    const timeLimitMs = limits.timeLimitMs[job.kind];
    const time = AbortSignal.timeout(timeLimitMs);
    const endWatch = watchBuffers(
      () => pool.threads,
      limits.maxBuffersMiB,
      () => ended++,
    );
    try {
      return await pool.run(job, { signal: AbortSignal.any([stop, time]) });
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      if (time.aborted) {
        throw new DomainError("FILE_PROCESSING_TIMEOUT", `The file was not processed within ${timeLimitMs / 1000} s.`, {
          cause: error,
        });
      }
      if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") return outOfMemory(limits.maxHeapMiB);
      if (ended === 0) throw error;
      ended--;
      return outOfMemory(limits.maxBuffersMiB);
    } finally {
      endWatch();
    }
  }

  return {
    async run(job, signal) {
      const stop = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
      const release = await acquire(stop);
      try {
        starting ??= startPool(threads, limits.maxHeapMiB);
        return await perform(await starting, job, stop);
      } finally {
        release();
      }
    },
    async close() {
      const pool = await starting;
      const exits = (pool?.threads ?? []).map((thread) => once(thread, "exit"));
      closing.abort(new DomainError("SHUTTING_DOWN", "The service is stopping."));
      await pool?.destroy();
      // The pool waits for idle threads only: those that it ends for an abort it forgets at once.
      await Promise.all(exits);
    },
  };
}

async function startPool(threads: number, maxHeapMiB: number): Promise<Pool> {
  const { Piscina } = await import("piscina");
  const pool: Pool = new Piscina({
    // Not an import: the compiler rewrites no URL, and what runs is the compiled file.
    filename: new URL("../processing.worker.js", import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_THREAD_MS,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
    // An idle thread that blocks could not answer the OCR thread below it.
    atomics: "disabled",
    // The engine's own event loop goes first.
    niceIncrement: 10,
  });
  // A thread that dies between jobs is replaced by the pool; without a listener it would take the process with it.
  pool.on("error", () => {});
  return pool;
}

function outOfMemory(limitMiB: number): ProcessingOutcome {
  return { ok: false, kind: "unreadable", message: `it needs more than ${limitMiB} MiB of memory` };
}
