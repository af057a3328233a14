import type { Written } from "../large-json/index.ts";
import type { ExecutionEvent } from "../model/index.ts";
import type { NewDelivery } from "../webhook/index.ts";
import {
  type CountDelta,
  changedExecutions,
  changedSteps,
  countDeltas,
  type ExecutionWrite,
  guards,
  type NewDescendant,
  newDeliveries,
  newDescendants,
  newEvents,
  newExecutions,
  newSteps,
  type SentSignal,
  type StepWrite,
  sentSignals,
  type TakenSignal,
  takenSignals,
} from "./rows.ts";

/** Everything that one flush writes, for any number of executions. */
export interface FlushRows {
  readonly newExecutions: ExecutionWrite[];
  readonly changedExecutions: ExecutionWrite[];
  readonly newSteps: StepWrite[];
  readonly changedSteps: StepWrite[];
  readonly events: ExecutionEvent[];
  readonly sentSignals: SentSignal[];
  readonly takenSignals: TakenSignal[];
  readonly counts: CountDelta[];
  readonly deliveries: NewDelivery[];
  readonly descendants: NewDescendant[];
}

/** The parts of the statement in the order of their parameters; $1 is the lane. */
const parts = [
  newExecutions,
  guards,
  changedExecutions,
  newSteps,
  changedSteps,
  newEvents,
  sentSignals,
  takenSignals,
  countDeltas,
  // Last: most flushes go without.
  newDeliveries,
  newDescendants,
] as const;

const first: number[] = [];
let next = 2;
for (const part of parts) {
  first.push(next);
  next += part.columns.length;
}
const at = (part: (typeof parts)[number]): number => first[parts.indexOf(part)] as number;

const assignments = (columns: readonly { readonly name: string }[], alias: string, skip: readonly string[]): string =>
  columns
    .filter((column) => !skip.includes(column.name))
    .map((column) => `"${column.name}" = ${alias}."${column.name}"`)
    .join(", ");

/**
 * The whole flush as one statement, so one round trip and one commit serve every execution in it.
 *
 * The fence: an existing execution is written only while its epoch is ours and its last_seq is what we last stored.
 * Rows of an execution that is refused go nowhere, and the others are not disturbed: `accepted` says which got in.
 * Plans: execution by "execution_pkey", execution_step by "execution_step_pkey"; the rest are inserts.
 */
const flush = (extras: string): string => `
WITH updated AS (
  UPDATE execution AS e
  SET ${assignments(changedExecutions.columns, "u", ["id", "epoch", "previous_seq"])}
  FROM ${changedExecutions.source("u", at(changedExecutions))}
  WHERE e.id = u.id AND e.epoch = u.epoch AND e.last_seq = u.previous_seq
  RETURNING e.id, u.previous_seq, u.last_seq
), inserted AS (
  INSERT INTO execution (${newExecutions.names})
  SELECT ${newExecutions.names}
  FROM unnest(${[...newExecutions.columns, ...guards.columns]
    .map((column, i) => `$${at(newExecutions) + i}::${column.type}[]`)
    .join(", ")}) AS n(${newExecutions.names}, ${guards.names})
  WHERE n.guard_id IS NULL OR n.guard_id IN (SELECT id FROM updated)
  ON CONFLICT DO NOTHING
  RETURNING id, last_seq
), accepted AS (
  SELECT id, previous_seq, last_seq FROM updated UNION ALL SELECT id, 0, last_seq FROM inserted
), noted AS (
  INSERT INTO journal_note (execution_ids, previous_seqs, last_seqs)
  SELECT array_agg(id), array_agg(previous_seq), array_agg(last_seq)
  FROM accepted HAVING count(*) > 0
), inserted_steps AS (
  INSERT INTO execution_step (${newSteps.names})
  SELECT ${newSteps.names} FROM ${newSteps.source("s", at(newSteps))}
  WHERE s.execution_id IN (SELECT id FROM accepted)
), updated_steps AS (
  UPDATE execution_step AS t
  SET ${assignments(changedSteps.columns, "s", ["id", "execution_id"])}
  FROM ${changedSteps.source("s", at(changedSteps))}
  WHERE t.id = s.id AND s.execution_id IN (SELECT id FROM updated)
), events AS (
  INSERT INTO execution_event (${newEvents.names})
  SELECT ${newEvents.names} FROM ${newEvents.source("v", at(newEvents))}
  WHERE v.execution_id IN (SELECT id FROM accepted)
), sent AS (
  INSERT INTO execution_signal (execution_id, data)
  SELECT g.execution_id, g.data FROM ${sentSignals.source("g", at(sentSignals))}
  WHERE g.guard_id IN (SELECT id FROM accepted)
), taken AS (
  DELETE FROM execution_signal AS x
  USING ${takenSignals.source("g", at(takenSignals))}
  WHERE x.id = g.id AND g.execution_id IN (SELECT id FROM updated)
), counted AS (
  INSERT INTO execution_count (workflow_id, hour, lane, tenant_id, started, completed, failed, timed_out, cancelled, last_started_at)
  SELECT c.workflow_id, date_trunc('hour', c.at), $1::int, c.tenant_id,
    coalesce(sum(c.delta) FILTER (WHERE c.counter = 'started'), 0),
    coalesce(sum(c.delta) FILTER (WHERE c.counter = 'completed'), 0),
    coalesce(sum(c.delta) FILTER (WHERE c.counter = 'failed'), 0),
    coalesce(sum(c.delta) FILTER (WHERE c.counter = 'timed_out'), 0),
    coalesce(sum(c.delta) FILTER (WHERE c.counter = 'cancelled'), 0),
    max(c.at) FILTER (WHERE c.counter = 'started')
  FROM ${countDeltas.source("c", at(countDeltas))}
  WHERE c.execution_id IN (SELECT id FROM accepted)
  GROUP BY 1, 2, 4
  ON CONFLICT (workflow_id, hour, lane) DO UPDATE SET
    started = execution_count.started + excluded.started,
    completed = execution_count.completed + excluded.completed,
    failed = execution_count.failed + excluded.failed,
    timed_out = execution_count.timed_out + excluded.timed_out,
    cancelled = execution_count.cancelled + excluded.cancelled,
    last_started_at = greatest(execution_count.last_started_at, excluded.last_started_at)
)${extras}
SELECT id FROM accepted`;

export const flushSql = flush("");

/**
 * For a flush that has something for the outbox, or stores executions that others led to. The rest do not pay for it: not
 * even for the look at an empty array. Descendants are counted by lane, so that no two flushes wait for one row.
 */
export const fullFlushSql = flush(`, outbox AS (
  INSERT INTO webhook_delivery (${newDeliveries.names}, status, attempt, due_at)
  SELECT ${newDeliveries.names}, 'pending', 0, d.created_at
  FROM ${newDeliveries.source("d", at(newDeliveries))}
  WHERE d.execution_id IN (SELECT id FROM accepted)
), descended AS (
  INSERT INTO execution_tree (root_id, lane, descendants)
  SELECT d.root_id, $1::int, count(*) FROM ${newDescendants.source("d", at(newDescendants))}
  WHERE d.execution_id IN (SELECT id FROM inserted)
  GROUP BY d.root_id
  ON CONFLICT (root_id, lane) DO UPDATE SET descendants = execution_tree.descendants + excluded.descendants
)`);

/** Whether these rows need more than the plain statement. */
export function isFull({ deliveries, descendants }: FlushRows): boolean {
  return deliveries.length > 0 || descendants.length > 0;
}

export function flushParameters(lane: number, rows: FlushRows, written: Written): unknown[] {
  return [
    lane,
    ...newExecutions.arrays(rows.newExecutions, written),
    ...guards.arrays(rows.newExecutions, written),
    ...changedExecutions.arrays(rows.changedExecutions, written),
    ...newSteps.arrays(rows.newSteps, written),
    ...changedSteps.arrays(rows.changedSteps, written),
    ...newEvents.arrays(rows.events, written),
    ...sentSignals.arrays(rows.sentSignals, written),
    ...takenSignals.arrays(rows.takenSignals, written),
    ...countDeltas.arrays(rows.counts, written),
    ...(isFull(rows)
      ? [...newDeliveries.arrays(rows.deliveries, written), ...newDescendants.arrays(rows.descendants, written)]
      : []),
  ];
}
