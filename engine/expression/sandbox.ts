import type { JsonValue } from "../model/index.ts";
import { ChildEnded, ChildPool } from "../processes/index.ts";
import type { EvaluationReply } from "./evaluator.ts";
import {
  SANDBOX_HEAP_MIB,
  SANDBOX_IDLE_MS,
  SANDBOX_MEMORY_MIB,
  SANDBOX_PROCESSES,
  SANDBOX_TIMEOUT_MS,
} from "./limits.ts";

/**
 * Evaluates expressions that may loop, recurse or grow, in child processes that are killed when they take too long.
 * (`$length` of a text that was doubled 28 times is an allocation that aborts the whole process, thread or not.)
 */
export interface SandboxRequest {
  readonly text: string;
  readonly input: unknown;
  readonly variables: Readonly<Record<string, JsonValue>>;
}

/** Whose expressions come in turn: those of one workflow keep nobody else's waiting for more than one of them. */
type Owner = number | undefined;

const pool = new ChildPool<SandboxRequest, EvaluationReply>({
  program: new URL("./sandbox.worker.js", import.meta.url),
  processes: SANDBOX_PROCESSES,
  maxHeapMiB: SANDBOX_HEAP_MIB,
  maxMemoryMiB: SANDBOX_MEMORY_MIB,
  idleMs: SANDBOX_IDLE_MS,
});

export async function evaluateInSandbox(request: SandboxRequest, owner: Owner): Promise<EvaluationReply> {
  try {
    return await pool.run({ request, owner: String(owner ?? ""), timeLimitMs: SANDBOX_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof ChildEnded)) throw error;
    const isUnstartable = error.reason === "unstartable";
    const limits = `it needs more than ${SANDBOX_TIMEOUT_MS} ms or ${SANDBOX_HEAP_MIB} MiB`;
    return {
      ok: false,
      message: isUnstartable ? "no process could be started to evaluate it" : limits,
      isTransient: true,
    };
  }
}
