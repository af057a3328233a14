import type { ExecutionRecord } from "./state.ts";

/**
 * Every execution is a saga, whose id is a UUID (version 8) made from the execution's: "stepwire" in ASCII around the
 * version digit, then the number. No row, no look-up, and it can be read back.
 */
const PREFIX = "73746570-7769-8265-";
const PATTERN = /^73746570-7769-8265-8([0-9a-f]{3})-([0-9a-f]{12})$/i;

export function toSagaId(executionId: number): string {
  const digits = executionId.toString(16).padStart(15, "0");
  return `${PREFIX}8${digits.slice(0, 3)}-${digits.slice(3)}`;
}

/** Null when it is none of ours. */
export function fromSagaId(sagaId: string): number | null {
  const found = PATTERN.exec(sagaId);
  const executionId = found ? Number.parseInt(`${found[1]}${found[2]}`, 16) : 0;
  return executionId > 0 && executionId <= Number.MAX_SAFE_INTEGER ? executionId : null;
}

/** What a saga goes by outside. */
export interface SagaIdentity {
  readonly id: string;
  readonly correlationId: string;
}

/** `isTyped`: it is of a registered saga type; any other execution is a saga of type `workflow_execution`. */
export function sagaIdentity(execution: ExecutionRecord, isTyped: boolean): SagaIdentity {
  const id = toSagaId(execution.id);
  const correlationId = isTyped
    ? (execution.correlationId ?? id)
    : workflowCorrelation(execution.workflowId, execution.id);
  return { id, correlationId };
}

export function workflowCorrelation(workflowId: number, executionId: number): string {
  return `workflow-${workflowId}-execution-${executionId}`;
}

/** The execution that a correlation id of that form names; null for any other. */
export function executionOfCorrelation(correlationId: string): { workflowId: number; executionId: number } | null {
  const found = /^workflow-([1-9]\d{0,9})-execution-([1-9]\d{0,14})$/.exec(correlationId);
  return found && { workflowId: Number(found[1]), executionId: Number(found[2]) };
}
