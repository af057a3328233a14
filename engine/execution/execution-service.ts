import { readExecutionEvents } from "../events/index.ts";
import {
  DomainError,
  type ExecutionEvent,
  type ExecutionRecord,
  type JsonValue,
  type StepRecord,
  type TenantId,
} from "../model/index.ts";
import { readExecution, readSteps, readStepsToShow, type SagaTypeRow, stepById } from "../store/index.ts";
import { checkName, checkSize, checkText, SKIPPED } from "./command-input.ts";
import { refusalOf } from "./command-rules.ts";
import { type Command, command } from "./commands.ts";
import { type ExecutionServiceDeps, ExecutionStarts, type ForkRequest, type StartRequest } from "./execution-starts.ts";

/** Makes a repeat of a command the same command: it is carried out once. */
interface Repeatable {
  /** Of the execution's commands, 1 to 255 characters. Default: each call is another command. */
  readonly idempotencyKey?: string | null;
}

interface AskedStep {
  readonly execution: ExecutionRecord;
  readonly step: StepRecord;
}

export class ExecutionService {
  private readonly starts: ExecutionStarts;

  constructor(private readonly deps: ExecutionServiceDeps) {
    this.starts = new ExecutionStarts(deps);
  }

  /** Resolves when the execution is stored; what could be done at once is stored with it. */
  start(request: StartRequest): Promise<ExecutionRecord> {
    return this.starts.start(request);
  }

  /** As `start`, of a saga type, which is no workflow. */
  startSaga(
    { tenantId, workflowId, version }: SagaTypeRow,
    request: Omit<StartRequest, "tenantId" | "workflowId">,
  ): Promise<ExecutionRecord> {
    return this.starts.start({ ...request, tenantId, workflowId }, version);
  }

  /** Starts a new execution that takes over what an earlier one has done before `fromStep`. As `start` otherwise. */
  async fork(tenantId: TenantId, id: number, request: ForkRequest): Promise<ExecutionRecord> {
    return this.starts.fork(await this.get(tenantId, id), request);
  }

  async get(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    const execution = await readExecution(this.deps.pool, id);
    if (execution?.tenantId !== tenantId) {
      throw new DomainError("EXECUTION_NOT_FOUND", "Execution not found", { field: "execution_id" });
    }
    return execution;
  }

  /** To be shown: large inputs and outputs are left as they are stored. */
  async steps(tenantId: TenantId, id: number): Promise<StepRecord[]> {
    await this.get(tenantId, id);
    return readStepsToShow(this.deps.pool, id);
  }

  /** Every event after `after`, without a gap; ends with the execution. Checks the tenant before the first. */
  async events(tenantId: TenantId, id: number, after: number): Promise<AsyncIterableIterator<ExecutionEvent>> {
    await this.get(tenantId, id);
    return readExecutionEvents(this.deps, id, after);
  }

  /** Stops the work; undoes what is done unless told not to. */
  async cancel(
    tenantId: TenantId,
    id: number,
    { idempotencyKey, compensate, reason }: { compensate: boolean; reason: string | null } & Repeatable,
  ): Promise<ExecutionRecord> {
    const execution = await this.get(tenantId, id);
    if (reason !== null) checkText("reason", reason);
    return this.ask(execution, { data: { kind: "cancel", compensate, reason }, idempotencyKey });
  }

  async pause(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    return this.ask(await this.get(tenantId, id), { data: { kind: "pause" } });
  }

  async resume(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    return this.ask(await this.get(tenantId, id), { data: { kind: "resume" } });
  }

  /** Opens a failed execution again at the step that failed it. */
  async retryStep(tenantId: TenantId, stepId: number): Promise<AskedStep> {
    const found = await this.step(tenantId, stepId);
    return this.askStep(found, { data: { kind: "retry", step_id: stepId } });
  }

  /** Tries a compensation that failed for good again, and goes on undoing from there. */
  async resumeCompensation(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    return this.ask(await this.get(tenantId, id), { data: { kind: "resume_compensation" } });
  }

  /** Leaves out the compensation of the step of this name, which failed for good, and goes on undoing with the next. */
  async skipCompensation(
    tenantId: TenantId,
    id: number,
    skip: { readonly step: string; readonly reason: string },
  ): Promise<ExecutionRecord> {
    const execution = await this.get(tenantId, id);
    const { reason } = skip;
    const refusal = refusalOf({ kind: "resume_compensation" }, execution, null);
    if (refusal) throw refusal;
    if (reason.trim() === "") throw DomainError.invalid([{ path: "reason", message: "must say why" }]);
    checkName("reason", reason);
    const step = await this.failedCompensation(id, skip.step);
    return this.ask(execution, { data: { kind: "skip_compensation", step_id: step.id, reason }, step });
  }

  /**
   * Goes on without a step that waits, or that failed an execution: it counts as settled, later steps see `output` in its
   * place, and it is never undone. A failed execution is opened again.
   */
  async skipStep(
    tenantId: TenantId,
    stepId: number,
    { output, ...options }: { readonly output: JsonValue; readonly reason: string | null },
  ): Promise<AskedStep> {
    const found = await this.step(tenantId, stepId);
    checkSize("output", output);
    const reason = options.reason ?? SKIPPED;
    checkText("reason", reason);
    return this.askStep(found, { data: { kind: "skip", step_id: stepId, output, reason } });
  }

  /** An event for one execution: one step takes it. One that no step waits for yet is kept until a step does. */
  async sendEvent(
    tenantId: TenantId,
    id: number,
    event: { name: string; correlation: string | null; data: JsonValue } & Repeatable,
  ): Promise<{ execution: ExecutionRecord; delivered: boolean }> {
    const execution = await this.get(tenantId, id);
    const { name, correlation, data, idempotencyKey } = event;
    checkName("name", name);
    if (correlation !== null) checkName("correlation", correlation);
    checkSize("data", data);
    const signal = { kind: "event", event: name, correlation, step_id: null, data } as const;
    const { execution: after, fate } = await command(this.deps, execution, { data: signal, idempotencyKey });
    return { execution: after, delivered: fate === "acted" };
  }

  /** Answers a step that waits for a person. A refusal fails the step with APPROVAL_REJECTED. */
  async approveStep(
    tenantId: TenantId,
    stepId: number,
    { idempotencyKey, ...decision }: { approved: boolean; by: string | null; comment: string | null } & Repeatable,
  ): Promise<AskedStep> {
    const found = await this.step(tenantId, stepId);
    for (const path of ["by", "comment"] as const) {
      const text = decision[path];
      if (text !== null) checkText(path, text);
    }
    // It is meant for the step, whatever the name of the event that this one waits for.
    const data = { kind: "event", event: "approval", correlation: null, step_id: stepId, data: decision } as const;
    return this.askStep(found, { data, idempotencyKey });
  }

  private async ask(execution: ExecutionRecord, asked: Command): Promise<ExecutionRecord> {
    return (await command(this.deps, execution, asked)).execution;
  }

  private async askStep({ execution, step }: AskedStep, asked: Command): Promise<AskedStep> {
    const after = await command(this.deps, execution, { ...asked, step });
    return { execution: after.execution, step: after.step ?? step };
  }

  private async failedCompensation(executionId: number, name: string): Promise<StepRecord> {
    const steps = (await readSteps(this.deps.pool, [executionId])).get(executionId) ?? [];
    const failed = steps.filter((step) => step.role === "compensation" && step.status === "failed");
    const found = failed.find((step) => step.name === name || step.name === `${name}[undo]`);
    if (found) return found;
    const names = failed.map((step) => step.name.replace(/\[undo\]$/, "")).join(", ");
    throw DomainError.invalid([{ path: "step", message: `must be the step whose compensation failed: ${names}` }]);
  }

  private async step(tenantId: TenantId, stepId: number): Promise<AskedStep> {
    const { pool } = this.deps;
    const found = await stepById(pool, stepId);
    const execution = found && (await readExecution(pool, found.executionId));
    if (!found || execution?.tenantId !== tenantId) {
      throw new DomainError("STEP_NOT_FOUND", "Step not found", { field: "step_id" });
    }
    return { execution, step: found.step };
  }
}
