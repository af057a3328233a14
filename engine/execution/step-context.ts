import { type Bindings, MASK } from "../expression/index.ts";
import {
  idempotencyKeyOf,
  isJsonObject,
  type JsonValue,
  type SagaIdentity,
  type StepContext,
  type StepMemory,
  type StepRecord,
  sagaIdentity,
  type TenantId,
} from "../model/index.ts";
import { messageText } from "../steps/index.ts";
import type { AnswerRoom } from "./place.ts";
import type { ExecutionRun } from "./run.ts";
import type { Unit } from "./unit.ts";

/** What placeholders and conditions of a unit see. */
export function bindingsOf(run: ExecutionRun, unit: Unit): Bindings {
  const { id, workflowId } = run.execution;
  const bindings: Bindings = {
    execution_id: id,
    workflow_id: workflowId,
    trigger: run.trigger,
    steps: run.outputs.byName,
  };
  const { item } = unit.ref;
  if (item === null && unit.compensates === null) return bindings;
  return {
    ...bindings,
    ...(item === null ? {} : { item: itemOf(run, unit, item), index: item }),
    ...(unit.compensates === null
      ? {}
      : { input: unit.compensates.input, output: run.secrets.outputOf(unit.compensates) }),
  };
}

/** The items were frozen when the for_each began. */
function itemOf(run: ExecutionRun, unit: Unit, item: number): JsonValue {
  let owner = unit.compensates ?? (unit.parentId === null ? null : run.step(unit.parentId));
  while (owner !== null && owner.ref.item !== null) owner = owner.parentId === null ? null : run.step(owner.parentId);
  return (owner?.input as { items: JsonValue[] } | undefined)?.items[item] ?? null;
}

/** What a step type is given beside the config; what few ask for is made when it is asked for. */
export class AttemptContext implements StepContext {
  readonly executionId: number;
  readonly workflowId: number;
  readonly tenantId: TenantId;
  readonly stepName: string;
  readonly attempt: number;
  traceparent: string | null;
  readonly trigger: JsonValue;
  readonly now: () => number;
  private answerRoom: AnswerRoom | null = null;

  constructor(
    private readonly run: ExecutionRun,
    private readonly unit: Unit,
    private readonly record: StepRecord,
    private readonly controller: AbortController,
  ) {
    const { id, workflowId, tenantId, traceparent } = run.execution;
    this.executionId = id;
    this.workflowId = workflowId;
    this.tenantId = tenantId;
    this.stepName = unit.name;
    this.attempt = record.attempt;
    this.traceparent = traceparent;
    this.trigger = run.trigger;
    this.now = run.ports.now;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get idempotencyKey(): string {
    return idempotencyKeyOf(this.run.execution, this.record.name, this.record.id);
  }

  /** The output of the step before: of the last one that it depends on. */
  get previousOutput(): JsonValue {
    const { outputs, plan } = this.run;
    const before = this.unit.step.dependsOn.at(-1);
    return before === undefined ? null : (outputs.byName[plan.definition.steps[before]!.name] ?? null);
  }

  get memory(): StepMemory {
    this.answerRoom ??= this.run.place.reserve();
    return this.answerRoom;
  }

  outputs(): Readonly<Record<string, JsonValue>> {
    return completedOutputs(this.run);
  }

  saga(): SagaIdentity {
    return sagaIdentity(this.run.execution, this.run.plan.definition.source.saga_type !== undefined);
  }

  log(level: "debug" | "info" | "warning" | "error", message: string): void {
    const { run, unit, record } = this;
    run.ports.log(level, run.secrets.mask(unit.action.hides === null ? message : shownMessage(record)), {
      execution_id: this.executionId,
      workflow_id: this.workflowId,
      step: unit.name,
      correlation_id: run.execution.correlationId,
    });
  }

  /** What it brought in is part of its execution now, or gone. */
  close(): void {
    this.answerRoom?.close();
  }
}

/** Of a step whose config reads secrets: the message as it is stored. */
function shownMessage({ input }: StepRecord): string {
  return isJsonObject(input) && input.message !== undefined ? messageText(input.message) : MASK;
}

/** In the order of completion. */
function completedOutputs(run: ExecutionRun): Readonly<Record<string, JsonValue>> {
  const completed = [...run.state.steps.values()].filter(
    ({ parentId, role, status }) => parentId === null && role === "action" && status === "completed",
  );
  completed.sort((a, b) => a.settledSeq! - b.settledSeq!);
  return Object.fromEntries(completed.map((record) => [record.name, run.secrets.outputOf(record)]));
}
