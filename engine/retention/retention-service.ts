import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { z } from "zod";
import {
  DomainError,
  type ExecutionId,
  type ExecutionRecord,
  type JsonObject,
  parseInput,
  type TenantId,
  text,
} from "../model/index.ts";
import type { Clock } from "../runtime/index.ts";
import { type Hold, holdExecution, readExecution, readFamily, readHolds, releaseExecution } from "../store/index.ts";
import type { Remover } from "./remover.ts";

/** How long a removal waits for what passes in a moment. */
const PASSING_MS = 2_000;
const LOOK_AGAIN_MS = 50;

/** What both faces accept. */
export const holdInput = z.strictObject({
  reason: text(2_000)
    .refine((reason) => reason.trim() !== "", "must say why")
    .describe("Why it is held."),
});

interface RetentionDeps {
  readonly pool: pg.Pool;
  readonly clock: Pick<Clock, "now">;
  readonly remover: Remover;
}

/** What becomes of executions that are over, by hand. */
export class RetentionService {
  constructor(private readonly deps: RetentionDeps) {}

  async get(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    const execution = await readExecution(this.deps.pool, id);
    return execution?.tenantId === tenantId ? execution : unknown();
  }

  /**
   * Removes an execution that is over, with its children and all that is theirs; answers which went.
   * @throws DomainError INVALID_STATE when it, or one of them, is not over or is held, and when it is a child itself.
   */
  async delete(tenantId: TenantId, id: number): Promise<readonly number[]> {
    await this.get(tenantId, id);
    for (const until = performance.now() + PASSING_MS; ; ) {
      const { removed, refused } = await this.deps.remover.remove([id]);
      const refusal = refused.get(id);
      if (!refusal) return removed;
      if (!refusal.passes || performance.now() > until) throw refusal.error;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Keeps an execution, whatever its age, from being removed by anybody; one that is held already is held for this reason now. */
  async hold(tenantId: TenantId, id: number, input: JsonObject): Promise<Hold> {
    const { reason } = parseInput(holdInput, input);
    const heldAt = new Date(this.deps.clock.now());
    return (await holdExecution(this.deps.pool, tenantId, id, { reason, heldAt })) ?? unknown();
  }

  /** From now on it may be removed; if it is old enough it soon is. @throws DomainError INVALID_STATE when nobody holds it. */
  async release(tenantId: TenantId, id: number): Promise<void> {
    await this.get(tenantId, id);
    if (await releaseExecution(this.deps.pool, tenantId, id)) return;
    throw new DomainError("INVALID_STATE", "The execution is not held", { field: "execution_id" });
  }

  /** Those of them that are held. */
  holdsOf(ids: readonly ExecutionId[]): Promise<Map<number, Hold>> {
    return readHolds(this.deps.pool, ids);
  }

  /** Ids of an execution and its children, theirs included; each parent comes before its children. */
  async familyOf(tenantId: TenantId, id: number): Promise<readonly number[]> {
    await this.get(tenantId, id);
    return readFamily(this.deps.pool, id);
  }
}

function unknown(): never {
  throw new DomainError("EXECUTION_NOT_FOUND", "Execution not found", { field: "execution_id" });
}
