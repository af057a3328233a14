import type pg from "pg";
import type {
  EventSummary,
  ExecutionEvent,
  ExecutionId,
  ExecutionRecord,
  ExecutionState,
  ExecutionSummary,
  Failure,
  Signal,
  SignalData,
  StepId,
  StepRecord,
  StepSummary,
  TenantId,
  Wait,
  WorkflowId,
} from "../model/index.ts";
import type { Queries } from "./room-database.ts";

/** Named SQL of the hot path: claims and event reads. Column names come back as they are in Postgres. */

export type Columns = Readonly<Record<string, unknown>>;

/** An execution that this worker now holds, with all that is needed to go on. */
export interface Claim {
  readonly state: ExecutionState;
  readonly epoch: number;
  readonly signals: readonly Signal[];
}

/**
 * Takes executions over: from now on nobody who held them before can write them.
 * Plan: "execution_pkey", then "execution_step_execution" and "execution_signal_execution".
 */
export async function claimExecutions(pool: pg.Pool, ids: readonly number[]): Promise<Claim[]> {
  const { rows } = await pool.query<Columns>({
    name: "claim-executions",
    text: "UPDATE execution SET epoch = epoch + 1 WHERE id = ANY($1::bigint[]) RETURNING *",
    values: [ids],
  });
  if (rows.length === 0) return [];
  const claimed = rows.map((row) => row.id as number);
  const [steps, signals] = await Promise.all([readSteps(pool, claimed), readSignals(pool, claimed)]);
  return rows.map((row) => {
    const execution = toExecution(row);
    return {
      state: { execution, steps: new Map((steps.get(execution.id) ?? []).map((step) => [step.id, step])) },
      epoch: row.epoch as number,
      signals: signals.get(execution.id) ?? [],
    };
  });
}

/** Without taking it over. */
export async function readExecution(pool: pg.Pool, id: number): Promise<ExecutionRecord | null> {
  const { rows } = await pool.query<Columns>({
    name: "read-execution",
    text: "SELECT * FROM execution WHERE id = $1::bigint",
    values: [id],
  });
  return rows[0] ? toExecution(rows[0]) : null;
}

/** Plan: "execution_idempotency". */
export async function executionByKey(pool: pg.Pool, workflowId: number, key: string): Promise<ExecutionRecord | null> {
  const { rows } = await pool.query<Columns>({
    name: "execution-by-key",
    text: "SELECT * FROM execution WHERE workflow_id = $1::int AND idempotency_key = $2::text",
    values: [workflowId, key],
  });
  return rows[0] ? toExecution(rows[0]) : null;
}

/** Plan: "execution_step_pkey". */
export async function stepById(pool: pg.Pool, id: number): Promise<{ executionId: number; step: StepRecord } | null> {
  const { rows } = await pool.query<Columns>({
    name: "step-by-id",
    text: "SELECT * FROM execution_step WHERE id = $1::bigint",
    values: [id],
  });
  return rows[0] ? { executionId: rows[0].execution_id as number, step: toStep(rows[0]) } : null;
}

/** To many executions at once; those that were removed get none. The locks keep that from happening meanwhile. Plan: "execution_pkey". */
export async function sendSignals(
  queries: Queries,
  signals: readonly { readonly executionId: number; readonly data: SignalData }[],
): Promise<void> {
  await queries.query({
    name: "send-signals",
    text: `INSERT INTO execution_signal (execution_id, data)
           SELECT e.id, sent.data::json FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS sent (id, data, place)
           JOIN execution AS e ON e.id = sent.id ORDER BY place FOR KEY SHARE OF e`,
    values: [signals.map(({ executionId }) => executionId), signals.map(({ data }) => JSON.stringify(data))],
  });
}

/** The step that failed each execution; one that timed out has none. Plans: "execution_pkey", "execution_step_execution". */
export async function readFailedSteps(
  pool: pg.Pool,
  executionIds: readonly number[],
): Promise<Map<number, StepRecord>> {
  const { rows } = await pool.query<Columns>({
    name: "read-failed-steps",
    text: `SELECT s.*, e.error AS execution_error FROM execution AS e JOIN execution_step AS s ON s.execution_id = e.id
           WHERE e.id = ANY($1::bigint[]) AND s.status = 'failed' AND s.role = 'action' AND s.parent_id IS NULL`,
    values: [executionIds],
  });
  const culprits = rows.filter((row) => (row.execution_error as Failure | null)?.step === row.name);
  return new Map(culprits.map((row) => [row.execution_id as number, toStep(row)]));
}

/** Steps of each execution, in the order in which they began. */
export async function readSteps(pool: pg.Pool, executionIds: readonly number[]): Promise<Map<number, StepRecord[]>> {
  const { rows } = await pool.query<Columns>({
    name: "read-steps",
    text: "SELECT * FROM execution_step WHERE execution_id = ANY($1::bigint[]) ORDER BY execution_id, step_order",
    values: [executionIds],
  });
  return group(rows, toStep);
}

/** All that nobody has acted on yet. Plan: "execution_signal_execution". */
export async function readSignals(pool: pg.Pool, executionIds: readonly number[]): Promise<Map<number, Signal[]>> {
  const { rows } = await pool.query<Columns>({
    name: "read-signals",
    text: "SELECT id, execution_id, data FROM execution_signal WHERE execution_id = ANY($1::bigint[]) ORDER BY id",
    values: [executionIds],
  });
  return group(rows, (row) => ({ id: row.id as number, data: row.data as SignalData }));
}

/**
 * Events after the one with seq `after`, up to a number of them and of bytes of their data, but at least one. `isLast`:
 * there were no more.
 * The windows see one page only. The stored size would say little: a page of text that compresses well has 50 times as much.
 * Plan: "execution_event_pkey".
 */
export async function readEvents(
  pool: pg.Pool,
  executionId: number,
  after: number,
  limit: { readonly events: number; readonly bytes: number },
): Promise<{ events: ExecutionEvent[]; isLast: boolean }> {
  const { rows } = await pool.query<Columns>({
    name: "read-events",
    text: `WITH page AS MATERIALIZED (
             SELECT execution_id, seq, type, step_id, data, at FROM execution_event
             WHERE execution_id = $1::bigint AND seq > $2::int ORDER BY seq LIMIT $3::int
           ), sized AS (
             SELECT *, count(*) OVER () AS found,
                    sum(octet_length(data::text)) OVER (ORDER BY seq) - octet_length(data::text) AS bytes_before FROM page
           )
           SELECT execution_id, seq, type, step_id, data, at, found FROM sized
           WHERE bytes_before < $4::int ORDER BY seq`,
    values: [executionId, after, limit.events, limit.bytes],
  });
  const isLast = rows.length === 0 || (rows.length === rows[0]!.found && rows.length < limit.events);
  return { events: rows.map(toEvent), isLast };
}

export function group<T>(rows: readonly Columns[], map: (row: Columns) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const id = row.execution_id as number;
    const members = groups.get(id);
    if (members) members.push(map(row));
    else groups.set(id, [map(row)]);
  }
  return groups;
}

export function toEvent(row: Columns): ExecutionEvent {
  return {
    executionId: row.execution_id,
    seq: row.seq,
    type: row.type,
    stepId: row.step_id,
    data: row.data,
    at: ms(row.at),
  } as ExecutionEvent;
}

const ms = (value: unknown): number | null => (value === null ? null : (value as Date).getTime());

export function toEventSummary(row: Columns): EventSummary {
  return {
    executionId: row.execution_id as ExecutionId,
    seq: row.seq as number,
    type: row.type as EventSummary["type"],
    stepId: row.step_id as StepId | null,
    at: ms(row.at)!,
  };
}

/** What `toSummary` reads. */
export const executionColumns = `id, uid, tenant_id, workflow_id, workflow_version, status, compensation_status, outcome, trigger_type,
  correlation_id, idempotency_key, request_hash, parent_id, parent_step_id, forked_from_id, depth, after_failure, root_id, traceparent, last_seq,
  deadline_at, paused_at, error, created_at, started_at, completed_at`;

function toExecution(row: Columns): ExecutionRecord {
  return {
    ...toSummary(row),
    triggerData: row.trigger_data as ExecutionRecord["triggerData"],
    sealed: row.sealed as string | null,
  };
}

export function toSummary(row: Columns): ExecutionSummary {
  return {
    id: row.id as ExecutionId,
    uid: row.uid as string,
    tenantId: row.tenant_id as TenantId,
    workflowId: row.workflow_id as WorkflowId,
    workflowVersion: row.workflow_version as number,
    status: row.status as ExecutionRecord["status"],
    compensationStatus: row.compensation_status as ExecutionRecord["compensationStatus"],
    outcome: row.outcome as ExecutionRecord["outcome"],
    triggerType: row.trigger_type as ExecutionRecord["triggerType"],
    correlationId: row.correlation_id as string | null,
    idempotencyKey: row.idempotency_key as string | null,
    requestHash: row.request_hash as string | null,
    parentId: row.parent_id as number | null,
    parentStepId: row.parent_step_id as number | null,
    forkedFromId: row.forked_from_id as number | null,
    depth: row.depth as number,
    afterFailure: row.after_failure as boolean,
    rootId: row.root_id as number | null,
    traceparent: row.traceparent as string | null,
    lastSeq: row.last_seq as number,
    deadlineAt: ms(row.deadline_at),
    pausedAt: ms(row.paused_at),
    error: row.error as Failure | null,
    createdAt: ms(row.created_at)!,
    startedAt: ms(row.started_at),
    completedAt: ms(row.completed_at),
  };
}

/** What `toStepSummary` reads. */
export const stepColumns = `execution_id, id, step_order, name, type, role, parent_id, compensates_id, definition_index, item_index,
  branch_path, status, attempt, error, wake_at, wait, started_at, completed_at, settled_seq`;

function toStep(row: Columns): StepRecord {
  return {
    ...toStepSummary(row),
    input: row.input as StepRecord["input"],
    output: row.output as StepRecord["output"],
    sealed: row.sealed as string | null,
  };
}

export function toStepSummary(row: Columns): StepSummary {
  return {
    id: row.id as StepId,
    order: row.step_order as number,
    name: row.name as string,
    type: row.type as string,
    role: row.role as StepRecord["role"],
    parentId: row.parent_id as number | null,
    compensatesId: row.compensates_id as number | null,
    ref: {
      index: row.definition_index as number,
      item: row.item_index as number | null,
      branch: row.branch_path as string,
    },
    status: row.status as StepRecord["status"],
    attempt: row.attempt as number,
    error: row.error as Failure | null,
    wakeAt: ms(row.wake_at),
    wait: row.wait as Wait | null,
    startedAt: ms(row.started_at),
    completedAt: ms(row.completed_at),
    settledSeq: row.settled_seq as number | null,
  };
}
