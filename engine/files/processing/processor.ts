import { DomainError } from "../../errors.ts";
import type { ProcessingJob, ProcessingResults } from "./jobs.ts";
import { createLane } from "./lane.ts";
import * as limits from "./limits.ts";

export interface ProcessingLimits {
  /** Milliseconds from the start of a job of each kind. */
  readonly timeLimitMs: Readonly<Record<ProcessingJob["kind"], number>>;
  /** Of JavaScript heap per worker thread, in MiB. */
  readonly maxHeapMiB: number;
  /** Of buffers beside the heap, per worker thread, in MiB. */
  readonly maxBuffersMiB: number;
}

export const defaultProcessingLimits: ProcessingLimits = {
  timeLimitMs: {
    detect: limits.DETECT_TIME_LIMIT_MS,
    extract: limits.EXTRACT_TIME_LIMIT_MS,
    ocr: limits.OCR_TIME_LIMIT_MS,
    convert: limits.CONVERT_TIME_LIMIT_MS,
  },
  maxHeapMiB: limits.MAX_HEAP_MIB,
  maxBuffersMiB: limits.MAX_BUFFERS_MIB,
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
  /** Ends all threads; running and waiting jobs fail with SHUTTING_DOWN. */
  close(): Promise<void>;
}

/** Nothing is loaded and no thread is started before the first job. */
export function createProcessor(bounds: ProcessingLimits = defaultProcessingLimits): Processor {
  const general = createLane(limits.PROCESSING_THREADS, bounds);
  const ocr = createLane(limits.OCR_THREADS, bounds);

  return {
    async run<Kind extends ProcessingJob["kind"]>(job: ProcessingJob & { readonly kind: Kind }, signal?: AbortSignal) {
      const outcome = await (job.kind === "ocr" ? ocr : general).run(job, signal);
      if (outcome.ok) return outcome.value as ProcessingResults[Kind];
      throw new DomainError(
        outcome.kind === "type" ? "FILE_TYPE_NOT_ALLOWED" : "FILE_PROCESSING_FAILED",
        `The file cannot be ${outcome.kind === "type" ? "accepted" : "processed"}: ${outcome.message}.`,
      );
    },
    async close() {
      await Promise.all([general.close(), ocr.close()]);
    },
  };
}
