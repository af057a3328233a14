import type { ExecutionEvent } from "../../engine/execution/events.ts";
import type { StepRecord } from "../../engine/execution/state.ts";
import type { StepWrite } from "../../engine/journal/rows.ts";
import { order } from "./order.ts";

const STEPS_PER_EXECUTION = 5;
const EVENTS_PER_STEP = 2;

/** The rows of one completed step, as large as those of the engine's own scenario. */
export interface StepRows {
  readonly step: StepWrite;
  readonly events: readonly [ExecutionEvent, ExecutionEvent];
}

/** The `number`th step of all, counted from 0; every five belong to one execution. */
export function stepRows(number: number): StepRows {
  const at = Date.now();
  const position = number % STEPS_PER_EXECUTION;
  const executionId = Math.floor(number / STEPS_PER_EXECUTION) + 1;
  const record: StepRecord = {
    id: number + 1,
    order: position + 1,
    name: `step_${position + 1}`,
    type: "data_transform",
    role: "action",
    parentId: null,
    compensatesId: null,
    ref: { index: position, item: null, branch: "" },
    status: "completed",
    attempt: 1,
    input: { source_data: order, transformations: [{ type: "extract", path: "items", key: "items" }] },
    output: { items: order.items },
    error: null,
    wakeAt: null,
    wait: null,
    startedAt: at,
    completedAt: at,
    settledSeq: (position + 1) * EVENTS_PER_STEP,
  };
  const { name, type, input, output } = record;
  const identity = { executionId, stepId: record.id, at };
  const seq = position * EVENTS_PER_STEP + 1;
  return {
    step: { executionId, tenantId: "default", record },
    events: [
      {
        ...identity,
        seq,
        type: "step.started",
        data: {
          name,
          step_type: type,
          role: "action",
          order: record.order,
          index: position,
          item: null,
          branch: "",
          parent_id: null,
          compensates_id: null,
          attempt: 1,
          input,
        },
      },
      { ...identity, seq: seq + 1, type: "step.completed", data: { name, output } },
    ],
  };
}
