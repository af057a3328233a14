import assert from "node:assert/strict";
import type pg from "pg";
import type { ExecutionEvent } from "../../engine/model/events.ts";
import type { StepRecord } from "../../engine/model/records.ts";
import { apply, create, type ExecutionState, wakeAt } from "../../engine/model/state.ts";
import { readEvents, readExecution, readSteps } from "../../engine/store/executions.ts";

const PAGE = { events: 1_000, bytes: 100_000_000 };

/** Every stored event of an execution; fails unless their seqs count from 1 without a gap. */
export async function allEvents(pool: pg.Pool, executionId: number): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = [];
  for (let isLast = false; !isLast; ) {
    const page = await readEvents(pool, executionId, events.length, PAGE);
    events.push(...page.events);
    isLast = page.isLast;
  }
  // Those who are told of events are not given these.
  const { rows } = await pool.query<{ seq: number; sealed: string }>(
    "SELECT seq, sealed FROM execution_event WHERE execution_id = $1::bigint AND sealed IS NOT NULL",
    [executionId],
  );
  for (const { seq, sealed } of rows) events[seq - 1] = { ...events[seq - 1]!, sealed };
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, i) => i + 1),
    `seqs of execution ${executionId}`,
  );
  return events;
}

export function fold(events: readonly ExecutionEvent[]): ExecutionState {
  const [first, ...rest] = events;
  assert.ok(first, "an execution has events");
  const state = create(first);
  for (const event of rest) apply(state, event);
  return state;
}

const byOrder = (a: StepRecord, b: StepRecord): number => a.order - b.order;

/** Rows are the fold of the events. For an execution that nobody writes at the moment. */
export async function assertFold(pool: pg.Pool, executionId: number): Promise<void> {
  const state = fold(await allEvents(pool, executionId));
  assert.deepEqual(await readExecution(pool, executionId), state.execution, `row of execution ${executionId}`);
  const steps = (await readSteps(pool, [executionId])).get(executionId) ?? [];
  assert.deepEqual(steps, [...state.steps.values()].sort(byOrder), `steps of execution ${executionId}`);
  // A child that waits for a worker is due at once, so that the timers find it too.
  if (state.execution.status === "pending") return;
  const { rows } = await pool.query<{ wake_at: Date | null }>("SELECT wake_at FROM execution WHERE id = $1::bigint", [
    executionId,
  ]);
  assert.equal(rows[0]?.wake_at?.getTime() ?? null, wakeAt(state), `wake_at of execution ${executionId}`);
}
