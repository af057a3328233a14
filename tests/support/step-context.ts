import { DEFAULT_TENANT, oldUid, type StepContext } from "../../engine/model/index.ts";

export interface LoggedLine {
  readonly level: string;
  readonly message: string;
}

/** A context for one run of a step in a test; `lines` gathers what it logs. */
export function testContext(overrides: Partial<StepContext> = {}): StepContext & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  return {
    executionId: 7,
    workflowId: 3,
    tenantId: DEFAULT_TENANT,
    stepName: "step",
    attempt: 1,
    idempotencyKey: "7:step",
    traceparent: null,
    trigger: {},
    previousOutput: null,
    now: () => Date.now(),
    outputs: () => ({}),
    saga: () => ({ id: oldUid(7), correlationId: "workflow-3-execution-7" }),
    memory: { grow: () => null, shrink: () => {} },
    signal: new AbortController().signal,
    log: (level, message) => lines.push({ level, message }),
    ...overrides,
    lines,
  };
}
