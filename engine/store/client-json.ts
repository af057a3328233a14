import type pg from "pg";
import { StoredJson } from "../large-json/index.ts";
import type { ExecutionId, JsonObject, JsonValue, StepOutcome, StepRecord } from "../model/index.ts";
import { type Columns, group, stepColumns, toStepSummary } from "./executions.ts";

/**
 * The clients' own JSON, which may have a MiB each: lists leave it out, and where it is shown it is read by these, up to
 * a number of bytes at once. What does not fit any more is absent from the answer. The stored size would say little:
 * text that compresses well has 50 times as much. Large ones are left as the text that Postgres gives: what is shown as it is
 * stored is neither parsed nor written.
 */

interface Sized {
  /** JSON text. */
  readonly value: string | null;
  readonly fits: boolean;
}

function shownValue(text: string | null, read: (text: string) => JsonValue = StoredJson.of): JsonValue {
  return text === null ? null : read(text);
}

/** By id of the execution. Plan: "execution_pkey". */
export function readTriggerData(pool: pg.Pool, ids: readonly number[], maxBytes: number) {
  return byId<JsonObject>(pool, "execution", "trigger_data", ids, maxBytes);
}

/** By id of the step. Plan: "execution_step_pkey". */
export function readStepJson(pool: pg.Pool, column: "input" | "output", ids: readonly number[], maxBytes: number) {
  return byId<JsonValue>(pool, "execution_step", column, ids, maxBytes);
}

async function byId<T>(pool: pg.Pool, table: string, column: string, ids: readonly number[], maxBytes: number) {
  const { rows } = await pool.query<Sized & { id: number }>({
    name: `json-${table}-${column}`,
    text: `SELECT id, bytes <= $2::bigint AS fits, CASE WHEN bytes <= $2::bigint THEN value::text END AS value
           FROM (SELECT id, ${column} AS value, ${bytesBy("id", column)} AS bytes
                 FROM ${table} WHERE id = ANY ($1::bigint[])) AS sized`,
    values: [ids, maxBytes],
  });
  return new Map(rows.filter(({ fits }) => fits).map(({ id, value }) => [id, shownValue(value) as T]));
}

export interface EventKey {
  readonly executionId: ExecutionId;
  readonly seq: number;
}

/** Of each event, by `executionId:seq`. Plan: "execution_event_pkey". */
export async function readEventData(
  pool: pg.Pool,
  keys: readonly EventKey[],
  maxBytes: number,
): Promise<Map<string, JsonObject>> {
  const { rows } = await pool.query<Sized & { key: string }>({
    name: "json-event",
    text: `SELECT execution_id || ':' || seq AS key, bytes <= $3::bigint AS fits,
             CASE WHEN bytes <= $3::bigint THEN value::text END AS value
           FROM (SELECT execution_id, seq, data AS value, ${bytesBy("execution_id, seq", "data")} AS bytes
                 FROM execution_event JOIN unnest($1::bigint[], $2::int[]) AS wanted (execution_id, seq)
                 USING (execution_id, seq)) AS sized`,
    values: [keys.map(({ executionId }) => executionId), keys.map(({ seq }) => seq), maxBytes],
  });
  return new Map(rows.filter(({ fits }) => fits).map(({ key, value }) => [key, shownValue(value) as JsonObject]));
}

/** All of one execution's, to be shown. Plan: "execution_step_execution". */
export async function readStepsToShow(pool: pg.Pool, executionId: number): Promise<StepRecord[]> {
  const { rows } = await pool.query<Columns>({
    name: "json-steps",
    text: `SELECT ${stepColumns}, input::text AS input, output::text AS output, sealed
           FROM execution_step WHERE execution_id = $1::bigint ORDER BY step_order`,
    values: [executionId],
  });
  return rows.map((row) => ({
    ...toStepSummary(row),
    input: shownValue(row.input as string | null),
    output: shownValue(row.output as string | null),
    sealed: row.sealed as string | null,
  }));
}

/** The steps of each execution without their inputs; of one whose outputs do not all fit, null. Plan: "execution_step_execution". */
export async function readOutputs(
  pool: pg.Pool,
  executionIds: readonly number[],
  maxBytes: number,
  read: (text: string) => JsonValue = StoredJson.of,
): Promise<Map<number, readonly StepOutcome[] | null>> {
  const { rows } = await pool.query<Columns>({
    name: "json-outputs",
    text: `SELECT ${stepColumns}, bytes <= $2::bigint AS fits, CASE WHEN bytes <= $2::bigint THEN output::text END AS value
           FROM (SELECT ${stepColumns}, output, ${bytesBy("execution_id, step_order", "output")} AS bytes
                 FROM execution_step WHERE execution_id = ANY ($1::bigint[])) AS sized
           ORDER BY execution_id, step_order`,
    values: [executionIds, maxBytes],
  });
  const outputs = group(rows, (row) => ({
    ...toStepSummary(row),
    output: shownValue(row.value as string | null, read),
    fits: row.fits as boolean,
  }));
  return new Map([...outputs].map(([id, steps]) => [id, steps.every(({ fits }) => fits) ? steps : null]));
}

/** Of the column, up to and with each row in this order. */
function bytesBy(order: string, column: string): string {
  return `coalesce(sum(octet_length(${column}::text)) OVER (ORDER BY ${order}), 0)`;
}
