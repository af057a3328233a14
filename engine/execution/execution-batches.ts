import type pg from "pg";
import type { Dispatcher } from "../dispatch/index.ts";
import {
  DomainError,
  type ErrorCode,
  type ExecutionStatus,
  type ExecutionSummary,
  executionStatuses,
  isExecutionOver,
  type TenantId,
} from "../model/index.ts";
import type { Remover } from "../retention/index.ts";
import { readFailedSteps, sendSignals } from "../store/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import { checkText } from "./command-input.ts";
import { type CommandData, refusalOf } from "./command-rules.ts";
import type { ExecutionFilter, ExecutionQueries } from "./execution-queries.ts";

/** Rows that are read and answered with one statement each: trigger data may have a MiB. */
const CHUNK = 100;
const MAX_BATCH = 1_000;
/** After so long it answers with what it has done: a request has 10 s. */
const BATCH_MS = 3_000;
const cancellable: readonly ExecutionStatus[] = ["pending", "running", "waiting", "paused"];
const retryable: readonly ExecutionStatus[] = ["failed", "timed_out"];
const over = executionStatuses.filter(isExecutionOver);

export interface BatchRequest {
  /** Without `statuses`: those in which there is something to do. */
  readonly filter: ExecutionFilter;
  /** Executions to look at, 1 to 1,000; fewer when that takes more than three seconds. */
  readonly limit: number;
  /** Goes on after the execution with this id; null: from the newest. */
  readonly after: number | null;
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
}

export interface BatchReport {
  /** Ids of those that were asked or deleted, or would be; newest first. What becomes of those that were asked is in their events. */
  readonly accepted: readonly number[];
  readonly refused: readonly BatchRefusal[];
  /** Id of the last one that was looked at; null: there was none. */
  readonly last: number | null;
  /** There are more after it. */
  readonly hasMore: boolean;
}

interface BatchRefusal {
  readonly executionId: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Does it to some, unless it is a dry run; by id, why one is left as it is. */
type CarryOut = (executions: readonly ExecutionSummary[], dryRun: boolean) => Promise<ReadonlyMap<number, DomainError>>;

/** What an execution is asked, or why it is not. */
type Ask = (execution: ExecutionSummary) => CommandData | DomainError;

/** The same to many executions. A command to each is a signal, which is stored before this answers. */
export class ExecutionBatches {
  constructor(
    private readonly pool: pg.Pool,
    private readonly queries: ExecutionQueries,
    private readonly dispatcher: Dispatcher,
    private readonly workflows: WorkflowService,
    private readonly remover: Remover,
  ) {}

  /** Stops the work of each. Default statuses: all that are not over or being undone. */
  cancel(
    tenantId: TenantId,
    request: BatchRequest,
    options: { readonly compensate: boolean; readonly reason: string | null },
  ): Promise<BatchReport> {
    if (options.reason !== null) checkText("reason", options.reason);
    const data: CommandData = { kind: "cancel", ...options };
    return this.each(tenantId, request, cancellable, (executions, dryRun) =>
      this.ask(executions, dryRun, (execution) => refusalOf(data, execution, null) ?? data),
    );
  }

  /** Opens each again at the step that failed it. Default statuses: failed and timed out. */
  retry(tenantId: TenantId, request: BatchRequest): Promise<BatchReport> {
    return this.each(tenantId, request, retryable, async (executions, dryRun) => {
      const failed = await readFailedSteps(
        this.pool,
        executions.map(({ id }) => id),
      );
      return this.ask(executions, dryRun, (execution) => {
        const step = failed.get(execution.id) ?? null;
        const data: CommandData = { kind: "retry", step_id: step?.id ?? null };
        const refusal = refusalOf(data, execution, step);
        if (refusal || step) return refusal ?? data;
        return new DomainError("INVALID_STATE", "No step of it failed: fork it, or start a new one");
      });
    });
  }

  /** Removes each that is over, with its children and all that is theirs. Default statuses: those that are over. */
  delete(tenantId: TenantId, request: BatchRequest): Promise<BatchReport> {
    return this.each(tenantId, request, over, async (executions, dryRun) => {
      const refused = new Map<number, DomainError>();
      for (const portion of await this.remover.portions(executions.map(({ id }) => id))) {
        const removal = await this.remover.remove(portion, { dryRun });
        for (const [id, { error }] of removal.refused) refused.set(id, error);
      }
      return refused;
    });
  }

  private async ask(
    executions: readonly ExecutionSummary[],
    dryRun: boolean,
    ask: Ask,
  ): Promise<ReadonlyMap<number, DomainError>> {
    const refused = new Map<number, DomainError>();
    const signals = executions.flatMap((execution) => {
      const data = ask(execution);
      if (!(data instanceof DomainError)) return { executionId: execution.id, data };
      refused.set(execution.id, data);
      return [];
    });
    if (!dryRun && signals.length > 0) {
      await sendSignals(this.pool, signals);
      for (const { executionId } of signals) this.dispatcher.enqueue(executionId, 0);
    }
    return refused;
  }

  private async each(
    tenantId: TenantId,
    { filter, limit, after, dryRun }: BatchRequest,
    defaults: readonly ExecutionStatus[],
    carryOut: CarryOut,
  ): Promise<BatchReport> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_BATCH) {
      throw DomainError.invalid([{ path: "limit", message: `must be a whole number from 1 to ${MAX_BATCH}` }]);
    }
    const { workflowId } = filter;
    // Deleted ones too: their executions go on until they are stopped.
    if (workflowId !== undefined && !(await this.workflows.byIds(tenantId, [workflowId])).has(workflowId)) {
      throw new DomainError("WORKFLOW_NOT_FOUND", "Workflow not found", { field: "filter.workflowId" });
    }
    const wanted = { ...filter, statuses: filter.statuses ?? defaults };
    const accepted: number[] = [];
    const refused: BatchRefusal[] = [];
    let last = after;
    let looked = 0;
    const until = performance.now() + BATCH_MS;
    for (;;) {
      const window = { limit: Math.min(CHUNK, limit - looked), after: last, before: null, fromEnd: false };
      const { items, hasMore } = await this.queries.list(tenantId, wanted, window);
      const why = await carryOut(items, dryRun);
      for (const { id } of items) {
        const error = why.get(id);
        if (error) refused.push({ executionId: id, code: error.code, message: error.message });
        else accepted.push(id);
      }
      last = items.at(-1)?.id ?? last;
      looked += items.length;
      if (!hasMore || looked >= limit || performance.now() > until)
        return { accepted, refused, last: looked === 0 ? null : last, hasMore };
    }
  }
}
