import assert from "node:assert/strict";
import { type Definition, parseDefinition } from "../../engine/definition/index.ts";
import type { HttpClient } from "../../engine/http/index.ts";
import {
  apply,
  create,
  type EventData,
  type EventType,
  type ExecutionEvent,
  type ExecutionState,
  type JsonObject,
  type JsonValue,
  type StepRecord,
  tenantNamed,
} from "../../engine/model/index.ts";
import type { ExecutionId } from "../../engine/model/row-id.ts";
import { createStepTypes, type StepServices } from "../../engine/steps/index.ts";

/** For tests: the types are asked for their configs only, never run. */
const stepTypes = createStepTypes({ http: {} as HttpClient, mailer: null, files: {} as StepServices["files"] });

export function definitionOf(steps: readonly JsonObject[]): Definition {
  const parsed = parseDefinition(
    { steps },
    { stepTypes, env: { names: [], get: () => undefined }, defaults: { maxRetries: 0 } },
  );
  assert.ok("definition" in parsed, JSON.stringify(parsed));
  return parsed.definition;
}

export const createdData: EventData["execution.created"] = {
  uid: "00000000-0001-8aaa-8aaa-aaaaaaaaaaaa",
  tenant_id: tenantNamed("t"),
  workflow_id: 3,
  workflow_version: 1,
  trigger_type: "manual",
  trigger_data: {},
  correlation_id: null,
  idempotency_key: null,
  request_hash: null,
  parent_id: null,
  parent_step_id: null,
  forked_from_id: null,
  depth: 0,
};

interface Begun {
  readonly index: number;
  readonly item?: number;
  readonly branch?: string;
  readonly parent?: number;
  readonly role?: "action" | "compensation";
  readonly compensates?: number;
  readonly attempt?: number;
  readonly input?: JsonValue;
}

/** For tests: an execution whose events are written by hand. Ids of steps are chosen; seqs and times count up. */
export class Scripted {
  readonly state: ExecutionState;
  readonly events: ExecutionEvent[];

  constructor() {
    const first: ExecutionEvent = {
      executionId: 7 as ExecutionId,
      seq: 1,
      type: "execution.created",
      stepId: null,
      data: createdData,
      at: 1_001,
    };
    this.events = [first];
    this.state = create(first);
    this.emit("execution.started", null, { deadline_at: new Date(300_000).toISOString() });
  }

  emit<T extends EventType>(type: T, stepId: number | null, data: EventData[T]): this {
    const seq = this.state.execution.lastSeq + 1;
    const event = { executionId: 7, seq, type, stepId, data, at: 1_000 + seq } as unknown as ExecutionEvent;
    apply(this.state, event);
    this.events.push(event);
    return this;
  }

  started(id: number, begun: Begun): this {
    return this.emit("step.started", id, {
      ...this.identity(id, begun),
      attempt: begun.attempt ?? 1,
      input: begun.input ?? null,
    });
  }

  skipped(id: number, begun: Begun): this {
    return this.emit("step.skipped", id, { ...this.identity(id, begun), reason: "if is false" });
  }

  completed(id: number, output: JsonValue = null): this {
    return this.emit("step.completed", id, { name: this.step(id).name, output });
  }

  failed(id: number): this {
    return this.emit("step.failed", id, {
      name: this.step(id).name,
      error: { code: "STEP_FAILED", message: "failed" },
    });
  }

  retrying(id: number, retryAtMs: number): this {
    const { name, attempt } = this.step(id);
    const error = { code: "STEP_FAILED", message: "failed" };
    return this.emit("step.retrying", id, { name, attempt, error, retry_at: new Date(retryAtMs).toISOString() });
  }

  cancelled(id: number): this {
    return this.emit("step.cancelled", id, { name: this.step(id).name, reason: "stopped" });
  }

  stopping(compensate = true): this {
    const error = { code: "STEP_FAILED", message: "failed" };
    return this.emit("execution.stopping", null, { outcome: "failed", error, compensate });
  }

  step(id: number): StepRecord {
    return this.state.steps.get(id)!;
  }

  private identity(id: number, begun: Begun): Omit<EventData["step.skipped"], "reason"> {
    return {
      name: `step ${id}`,
      step_type: "log",
      role: begun.role ?? "action",
      order: this.state.steps.get(id)?.order ?? this.state.steps.size + 1,
      index: begun.index,
      item: begun.item ?? null,
      branch: begun.branch ?? "",
      parent_id: begun.parent ?? null,
      compensates_id: begun.compensates ?? null,
    };
  }
}
