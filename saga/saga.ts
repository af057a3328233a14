import {
  type ExecutionRecord,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type StepOutcome,
  sagaIdentity,
  type WorkflowVersionRow,
} from "../engine/index.ts";
import { type SagaStatus, type SagaStepStatus, sagaStatus, sagaStepStatus } from "./saga-status.ts";
import { WORKFLOW_EXECUTION } from "./types/saga-type-service.ts";

/** `sagaStepTexts` say what each field means; `id` is its name. */
export interface SagaStep {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly service: string | null;
  readonly command: string | null;
  readonly compensationCommand: string | null;
  readonly timeoutSeconds: number | null;
  readonly retryAttempts: number;
  readonly isPivot: boolean;
  readonly status: SagaStepStatus;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly error: string | null;
  readonly result: JsonValue;
  /** Null while it has not begun. */
  readonly record: StepOutcome | null;
  readonly undo: StepOutcome | null;
}

/** An execution as a saga; `sagaTexts` say what each field means. */
export interface Saga {
  readonly id: string;
  readonly type: string;
  readonly status: SagaStatus;
  readonly steps: readonly SagaStep[];
  readonly currentStep: number;
  readonly input: JsonObject;
  readonly output: JsonObject;
  readonly correlationId: string;
  readonly execution: ExecutionRecord;
}

export function toSaga(
  execution: ExecutionRecord,
  typeName: string | null,
  version: WorkflowVersionRow,
  records: readonly StepOutcome[],
): Saga {
  const { id, correlationId } = sagaIdentity(execution, typeName !== null);
  const steps = stepsOf(version, records);
  const settled = steps.filter(({ record }) => record?.settledSeq != null).length;
  return {
    id,
    type: typeName ?? WORKFLOW_EXECUTION,
    status: sagaStatus(execution),
    steps,
    currentStep: settled,
    input: typeName === null ? workflowInputOf(execution) : execution.triggerData,
    output: outputOf(steps, typeName !== null),
    correlationId,
    execution,
  };
}

function workflowInputOf({ id, workflowId, triggerData }: ExecutionRecord): JsonObject {
  return { workflow_id: workflowId, execution_id: id, trigger_data: triggerData };
}

/** What participants answered, merged in the order of completion; the output of any other step stands under its name. */
function outputOf(steps: readonly SagaStep[], isTyped: boolean): JsonObject {
  const output: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
  const done = steps.filter(({ record }) => record?.status === "completed");
  for (const { name, type, result } of done.sort((a, b) => a.record!.settledSeq! - b.record!.settledSeq!)) {
    const merges = isTyped && (type === "participant" || type === "event_command") && isJsonObject(result);
    if (merges) Object.assign(output, result);
    else output[name] = result;
  }
  return { ...output };
}

interface StepSource {
  readonly name?: string;
  readonly type?: string;
  readonly config?: { service?: string; command?: string; event?: string; timeout_seconds?: number };
  readonly compensate?: { config?: { command?: string; event?: string } };
  readonly retry?: { max_attempts?: number };
  readonly timeout_seconds?: number;
  readonly pivot?: boolean;
}

function stepsOf(version: WorkflowVersionRow, records: readonly StepOutcome[]): SagaStep[] {
  const sources = version.definition.steps as readonly StepSource[];
  const actions = new Map<number, StepOutcome>();
  const undos = new Map<number, StepOutcome>();
  for (const record of records) {
    if (record.role === "compensation") undos.set(record.ref.index, record);
    else if (record.parentId === null) actions.set(record.ref.index, record);
  }
  return sources.map((source, index) => {
    const name = source.name ?? `step_${index}`;
    const record = actions.get(index) ?? null;
    const undo = undos.get(index) ?? null;
    return {
      id: name,
      name,
      type: source.type ?? "",
      service: source.config?.service ?? null,
      command: source.config?.command ?? source.config?.event ?? null,
      compensationCommand: source.compensate?.config?.command ?? source.compensate?.config?.event ?? null,
      timeoutSeconds: source.timeout_seconds ?? source.config?.timeout_seconds ?? null,
      retryAttempts: source.retry?.max_attempts === undefined ? version.maxRetries : source.retry.max_attempts - 1,
      isPivot: source.pivot === true,
      status: sagaStepStatus(record ?? undefined, undo ?? undefined),
      startedAt: record?.startedAt ?? null,
      completedAt: record?.completedAt ?? null,
      error: undo?.error?.message ?? record?.error?.message ?? null,
      result: record?.output ?? null,
      record,
      undo,
    };
  });
}
