import { DomainError, type TenantId } from "../../model/index.ts";
import { ChildEnded, ChildPool } from "../../processes/index.ts";
import type { ProcessingJob, ProcessingOutcome, ProcessingResults } from "./jobs.ts";
import * as limits from "./limits.ts";

/** Some of what waits is done by then: a file takes seconds. */
const RETRY_AFTER_SECONDS = 5;

export interface ProcessingLimits {
  /** Milliseconds from the start of a job of each kind. */
  readonly timeLimitMs: Readonly<Record<ProcessingJob["kind"], number>>;
  /** Of all pages of a file that is recognised. */
  readonly recognitionMs: number;
  /** JavaScript heap of a child process that reads, recognises or converts, in MiB. */
  readonly maxHeapMiB: number;
  /** All resident memory of such a process, in MiB. */
  readonly maxMemoryMiB: number;
  /** Processes that read and convert; as many recognise. */
  readonly processes: number;
}

export const defaultProcessingLimits: ProcessingLimits = {
  timeLimitMs: {
    detect: limits.DETECT_TIME_LIMIT_MS,
    extract: limits.EXTRACT_TIME_LIMIT_MS,
    inspect: limits.EXTRACT_TIME_LIMIT_MS,
    ocr: limits.OCR_TIME_LIMIT_MS,
    convert: limits.CONVERT_TIME_LIMIT_MS,
  },
  recognitionMs: limits.RECOGNITION_LIMIT_MS,
  maxHeapMiB: limits.MAX_HEAP_MIB,
  maxMemoryMiB: limits.MAX_MEMORY_MIB,
  processes: limits.PROCESSES,
};

/** Runs jobs in child processes. A job that exceeds a limit, or is aborted, ends with its process; the next gets a new one. */
export interface Processor {
  readonly limits: ProcessingLimits;
  /**
   * DomainError FILE_TYPE_NOT_ALLOWED or FILE_PROCESSING_FAILED when the file is at fault, FILE_PROCESSING_TIMEOUT when
   * the time ran out, FILE_PROCESSING_BUSY when too much of the tenant's waits already, the signal's reason when it was
   * aborted.
   */
  run<Kind extends ProcessingJob["kind"]>(
    tenantId: TenantId,
    job: ProcessingJob & { readonly kind: Kind },
    signal?: AbortSignal,
  ): Promise<ProcessingResults[Kind]>;
  /** Ends all processes; running and waiting jobs fail with SHUTTING_DOWN. */
  close(): Promise<void>;
}

type Pool = ChildPool<ProcessingJob, ProcessingOutcome>;

/**
 * Nothing is started before the first job. A pool for each length of work: an upload, which waits for its detection, never
 * stands behind a reading, nor a reading of a second behind minutes of recognition.
 */
export function createProcessor(bounds: ProcessingLimits = defaultProcessingLimits): Processor {
  const { timeLimitMs, processes } = bounds;
  const detection = openPool(limits.DETECT_PROCESSES, limits.DETECT_HEAP_MIB, limits.DETECT_MEMORY_MIB);
  const reading = openPool(processes, bounds.maxHeapMiB, bounds.maxMemoryMiB);
  const recognition = openPool(processes, bounds.maxHeapMiB, bounds.maxMemoryMiB);
  const pools: Readonly<Record<ProcessingJob["kind"], Pool>> = {
    detect: detection,
    extract: reading,
    convert: reading,
    inspect: reading,
    ocr: recognition,
  };

  return {
    limits: bounds,
    async run<Kind extends ProcessingJob["kind"]>(
      tenantId: TenantId,
      job: ProcessingJob & { readonly kind: Kind },
      signal?: AbortSignal,
    ) {
      const timeLimit = timeLimitMs[job.kind];
      const outcome = await pools[job.kind]
        .run({ request: job, owner: tenantId, timeLimitMs: timeLimit, signal })
        .catch((error: unknown) => {
          throw error instanceof ChildEnded ? asDomainError(error, timeLimit) : error;
        });
      if (outcome.ok) return outcome.value as ProcessingResults[Kind];
      throw new DomainError(
        outcome.kind === "type" ? "FILE_TYPE_NOT_ALLOWED" : "FILE_PROCESSING_FAILED",
        `The file cannot be ${outcome.kind === "type" ? "accepted" : "processed"}: ${outcome.message}.`,
      );
    },
    async close() {
      const reason = new DomainError("SHUTTING_DOWN", "The service is stopping.");
      await Promise.all([detection, reading, recognition].map((pool) => pool.close(reason)));
    },
  };
}

/** One process of a pool is kept for the other tenants, when there are several. */
function openPool(processes: number, maxHeapMiB: number, maxMemoryMiB: number): Pool {
  return new ChildPool({
    // Not an import: the compiler rewrites no URL, and what runs is the compiled file.
    program: new URL("../processing.worker.js", import.meta.url),
    processes,
    perOwner: Math.max(1, processes - 1),
    maxWaiting: limits.MAX_WAITING_JOBS,
    maxHeapMiB,
    maxMemoryMiB,
    idleMs: limits.IDLE_PROCESS_MS,
  });
}

function asDomainError({ reason, cause }: ChildEnded, timeLimitMs: number): DomainError | Error {
  switch (reason) {
    case "time":
      return new DomainError("FILE_PROCESSING_TIMEOUT", `The file was not processed within ${timeLimitMs / 1000} s.`);
    case "full":
      return new DomainError("FILE_PROCESSING_BUSY", "Too much work on files waits already; try again in a while.", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    case "memory":
      return unprocessable("it needs more memory than it may have");
    case "ended":
      return unprocessable("it ends the process that reads it");
    case "unstartable":
      return new Error("No process could be started to work on files", { cause });
  }
}

function unprocessable(why: string): DomainError {
  return new DomainError("FILE_PROCESSING_FAILED", `The file cannot be processed: ${why}.`);
}
