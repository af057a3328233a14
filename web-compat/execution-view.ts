import { z } from "zod";
import {
  type Engine,
  type ExecutionRecord,
  executionTexts,
  isExecutionOver,
  type JsonObject,
  type StepRecord,
  triggerTypes,
} from "../engine/index.ts";
import { id, isoOf, isoOrNull, jsonObject, timestamp } from "./fields.ts";
import { executionWord, restExecutionStatuses, restStepStatuses, stepWord } from "./statuses.ts";

/** Executions and their steps as the documented API shows them. */

const duration = z.int().min(0).nullable().describe("Milliseconds from start to end; null before the end.");

export const execution = z
  .strictObject({
    id,
    workflow_id: id,
    trigger_type: z.enum(triggerTypes),
    trigger_data: jsonObject,
    status: z.enum(restExecutionStatuses).describe("`running` while it waits, is paused or is being undone, too."),
    execution_time_ms: duration,
    retry_count: z.int().min(0).describe("Attempts of its steps beyond the first."),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable().describe(executionTexts.completed_at),
    result_data: jsonObject.nullable().describe(executionTexts.result),
    error_message: z.string().nullable(),
  })
  .meta({ id: "Execution" });

export const step = z
  .strictObject({
    id,
    step_order: z.int().min(1),
    step_name: z.string(),
    step_type: z.string(),
    status: z.enum(restStepStatuses).describe("`running` while it waits, too."),
    execution_time_ms: duration,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    input_data: z.unknown().describe("The step's config with every placeholder filled in; secrets masked."),
    output_data: z.unknown(),
    retry_count: z.int().min(0),
    error_message: z.string().nullable(),
  })
  .meta({ id: "Step" });

/** With what each has done so far: one statement for all of them. */
export async function presented(queries: Engine["executionQueries"], found: readonly ExecutionRecord[]) {
  const outcomes = await queries.outcomesOf(found.map((one) => one.id));
  return found.map((one) => present(one, outcomes.get(one.id)!));
}

function present(
  row: ExecutionRecord,
  { result, retries }: { readonly result: JsonObject; readonly retries: number },
): z.output<typeof execution> {
  return {
    id: row.id,
    workflow_id: row.workflowId,
    trigger_type: row.triggerType,
    trigger_data: row.triggerData,
    status: executionWord(row),
    execution_time_ms: elapsed(row),
    retry_count: retries,
    created_at: isoOf(row.createdAt),
    started_at: isoOrNull(row.startedAt),
    completed_at: isoOrNull(row.completedAt),
    result_data: isExecutionOver(row.status) ? result : null,
    error_message: row.error?.message ?? null,
  };
}

export function presentStep(row: StepRecord): z.output<typeof step> {
  return {
    id: row.id,
    step_order: row.order,
    step_name: row.name,
    step_type: row.type,
    status: stepWord(row),
    execution_time_ms: elapsed(row),
    started_at: isoOrNull(row.startedAt),
    completed_at: isoOrNull(row.completedAt),
    input_data: row.input,
    output_data: row.output,
    retry_count: Math.max(row.attempt - 1, 0),
    error_message: row.error?.message ?? null,
  };
}

function elapsed({ startedAt, completedAt }: { startedAt: number | null; completedAt: number | null }): number | null {
  return startedAt === null || completedAt === null ? null : completedAt - startedAt;
}
