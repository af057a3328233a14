import type { Piscina } from "piscina";
import { DomainError } from "../../errors.ts";
import type { ProcessingJob, ProcessingOutcome, ProcessingResults } from "./jobs.ts";
import * as limits from "./limits.ts";
import { watchMemory } from "./memory-watch.ts";
import { createSlots } from "./slots.ts";

export interface ProcessingLimits {
  /** Milliseconds from the start of a job of each kind. */
  readonly timeLimitMs: Readonly<Record<ProcessingJob["kind"], number>>;
  /** Of JavaScript heap per worker thread, in MiB. */
  readonly maxHeapMiB: number;
  /** Of the whole process while a job runs, in MiB. */
  readonly maxGrowthMiB: number;
}

export const defaultProcessingLimits: ProcessingLimits = {
  timeLimitMs: {
    detect: limits.DETECT_TIME_LIMIT_MS,
    extract: limits.EXTRACT_TIME_LIMIT_MS,
    ocr: limits.OCR_TIME_LIMIT_MS,
    convert: limits.CONVERT_TIME_LIMIT_MS,
  },
  maxHeapMiB: limits.MAX_HEAP_MIB,
  maxGrowthMiB: limits.MAX_PROCESS_GROWTH_MIB,
};

/** Runs jobs in worker threads. A job that exceeds a limit, or is aborted, ends with its thread; the next gets a new one. */
export interface Processor {
  /**
   * DomainError FILE_TYPE_NOT_ALLOWED or FILE_PROCESSING_FAILED when the file is at fault, FILE_PROCESSING_TIMEOUT when
   * the time ran out, the signal's reason when it was aborted.
   */
  run<Kind extends ProcessingJob["kind"]>(
    job: ProcessingJob & { readonly kind: Kind },
    signal?: AbortSignal,
  ): Promise<ProcessingResults[Kind]>;
  /** Ends all threads; running jobs fail. */
  close(): Promise<void>;
}

/** Nothing is loaded and no thread is started before the first job. */
export function createProcessor(bounds: ProcessingLimits = defaultProcessingLimits): Processor {
  const closing = new AbortController();
  const general = createLane(limits.PROCESSING_THREADS, bounds);
  const ocr = createLane(limits.OCR_THREADS, bounds);

  return {
    async run<Kind extends ProcessingJob["kind"]>(job: ProcessingJob & { readonly kind: Kind }, signal?: AbortSignal) {
      const stop = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
      const outcome = await (job.kind === "ocr" ? ocr : general).run(job, stop);
      if (outcome.ok) return outcome.value as ProcessingResults[Kind];
      throw new DomainError(
        outcome.kind === "type" ? "FILE_TYPE_NOT_ALLOWED" : "FILE_PROCESSING_FAILED",
        `The file cannot be ${outcome.kind === "type" ? "accepted" : "processed"}: ${outcome.message}.`,
      );
    },
    async close() {
      closing.abort(new DomainError("SHUTTING_DOWN", "The service is stopping."));
      await Promise.all([general.close(), ocr.close()]);
    },
  };
}

function createLane(threads: number, bounds: ProcessingLimits) {
  let pool: Promise<Piscina<ProcessingJob, ProcessingOutcome>> | undefined;
  const acquire = createSlots(threads);

  async function start(): Promise<Piscina<ProcessingJob, ProcessingOutcome>> {
    const { Piscina } = await import("piscina");
    return new Piscina({
      // Not an import: the compiler rewrites no URL, and what runs is the compiled file.
      filename: new URL("../processing.worker.js", import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: limits.IDLE_THREAD_MS,
      resourceLimits: { maxOldGenerationSizeMb: bounds.maxHeapMiB },
      // A thread that blocks while idle could not answer the OCR thread below it.
      atomics: "disabled",
      // The engine's own event loop goes first.
      niceIncrement: 10,
    });
  }

  return {
    async run(job: ProcessingJob, stop: AbortSignal): Promise<ProcessingOutcome> {
      const release = await acquire(stop);
      const time = AbortSignal.timeout(bounds.timeLimitMs[job.kind]);
      const memory = watchMemory(bounds.maxGrowthMiB);
      try {
        pool ??= start();
        return await (await pool).run(job, { signal: AbortSignal.any([stop, time, memory.signal]) });
      } catch (error) {
        if (stop.aborted) throw stop.reason;
        if (time.aborted) {
          throw new DomainError(
            "FILE_PROCESSING_TIMEOUT",
            `The file was not processed within ${bounds.timeLimitMs[job.kind] / 1000} s.`,
            { cause: error },
          );
        }
        if (memory.signal.aborted) return outOfMemory(bounds.maxGrowthMiB);
        if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") return outOfMemory(bounds.maxHeapMiB);
        throw error;
      } finally {
        memory.stop();
        release();
      }
    },
    async close(): Promise<void> {
      await (await pool)?.destroy();
    },
  };
}

function outOfMemory(limitMiB: number): ProcessingOutcome {
  return { ok: false, kind: "unreadable", message: `it needs more than ${limitMiB} MiB of memory` };
}
