import { type ExecutionId, type StepId, tenantNamed } from "../../engine/index.ts";
import type { StepWrite } from "../../engine/journal/rows.ts";
import type { ExecutionEvent } from "../../engine/model/events.ts";
import type { StepRecord } from "../../engine/model/records.ts";
import { transforms } from "./order.ts";

const EVENTS_PER_STEP = 2;

/** The rows of one completed step: those of the engine's own scenario, less what it writes of the execution. */
export interface StepRows {
  readonly step: StepWrite;
  readonly events: readonly [ExecutionEvent, ExecutionEvent];
}

/** The `number`th step of all, counted from 0; every five belong to one execution. */
export function stepRows(number: number): StepRows {
  const at = Date.now();
  const index = number % transforms.length;
  const executionId = (Math.floor(number / transforms.length) + 1) as ExecutionId;
  const { name, sourceValue, transformation, output } = transforms[index]!;
  const input = { source_data: sourceValue, transformations: [transformation] };
  const seq = index * EVENTS_PER_STEP + 1;
  const record: StepRecord = {
    id: (number + 1) as StepId,
    order: index + 1,
    name,
    type: "data_transform",
    role: "action",
    parentId: null,
    compensatesId: null,
    ref: { index, item: null, branch: "" },
    status: "completed",
    attempt: 1,
    input,
    output,
    sealed: null,
    error: null,
    wakeAt: null,
    wait: null,
    startedAt: at,
    completedAt: at,
    settledSeq: seq + 1,
  };
  const started = {
    name,
    step_type: record.type,
    role: record.role,
    order: record.order,
    index,
    item: null,
    branch: "",
    parent_id: null,
    compensates_id: null,
    attempt: 1,
    input,
  };
  const identity = { executionId, stepId: record.id, at };
  return {
    step: { executionId, tenantId: tenantNamed("bench"), record },
    events: [
      { ...identity, seq, type: "step.started", data: started },
      { ...identity, seq: seq + 1, type: "step.completed", data: { name, output } },
    ],
  };
}
