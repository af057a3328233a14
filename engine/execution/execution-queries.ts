import type pg from "pg";
import {
  answerTooLarge,
  DomainError,
  type EventSummary,
  type ExecutionId,
  type ExecutionStatus,
  type ExecutionSummary,
  type ExecutionView,
  type JsonObject,
  type JsonValue,
  type Page,
  type StepId,
  type StepOutcome,
  type StepSummary,
  type TenantId,
  type Window,
  type WorkflowId,
} from "../model/index.ts";
import {
  anyTime,
  countCorrelated,
  countExecutions,
  countFound,
  countSteps,
  createdRange,
  type EventKey,
  type ExecutionSearch,
  executionsAt,
  executionsByIds,
  listCorrelated,
  listEvents,
  listExecutions,
  listSteps,
  readEventData,
  readOutputs,
  readStepEvents,
  readStepJson,
  readTriggerData,
  readWaitingSteps,
  type Selection,
  searchExecutions,
  searchExecutionsAt,
  stepsByIds,
} from "../store/index.ts";
import { type Attempt, attemptEvents, attemptsOf } from "./attempts.ts";
import { resultOf } from "./children.ts";
import { checkText } from "./command-input.ts";

/** What is absent does not restrict. */
export interface ExecutionFilter {
  readonly workflowId?: number | undefined;
  readonly statuses?: readonly ExecutionStatus[] | undefined;
  readonly correlationId?: string | undefined;
  /** Created at this moment or later, in ms since the epoch. */
  readonly since?: number | undefined;
  /** Created before this moment, in ms since the epoch. */
  readonly until?: number | undefined;
}

/** A step and whose it is. */
export interface OwnedStep {
  readonly executionId: ExecutionId;
  readonly step: StepSummary;
}

export interface ExecutionOutcome {
  readonly result: JsonObject;
  readonly retries: number;
}

/** What an execution waits for, at most so much of it. */
const MAX_WAITS = 100;
/** Of the clients' own JSON that is read at once, by one call; with little memory a part of it. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;
const PART_OF_MEMORY = 4;
const NOTHING = { items: [], hasMore: false };

/**
 * What is read for many at once: one statement for each method, whatever the number of ids, and without the clients' own
 * JSON unless that is what is asked for.
 * The methods without a tenant take ids of rows that the caller was given: a client's number is none.
 */
export class ExecutionQueries {
  private readonly maxJsonBytes: number;
  /** Where all of it is promised. */
  private readonly maxWholeBytes: number;

  constructor(
    private readonly pool: pg.Pool,
    memoryBytes: number,
  ) {
    this.maxJsonBytes = Math.min(MAX_JSON_BYTES, Math.floor(memoryBytes / PART_OF_MEMORY));
    this.maxWholeBytes = 2 * this.maxJsonBytes;
  }

  byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, ExecutionSummary>> {
    return executionsByIds(this.pool, tenantId, ids);
  }

  stepsByIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, OwnedStep>> {
    return stepsByIds(this.pool, tenantId, ids);
  }

  /** Newest first. Of a workflow of another tenant: nothing. */
  async list(tenantId: TenantId, filter: ExecutionFilter, window: Window): Promise<Page<ExecutionSummary>> {
    const { workflowId, correlationId } = filter;
    const selection = await this.selection(filter);
    if (correlationId !== undefined) {
      return listCorrelated(this.pool, { ...selection, tenantId, correlationId, workflowId }, window);
    }
    if (workflowId !== undefined) {
      return (await this.pagesOfWorkflows(tenantId, [workflowId], selection, window)).get(workflowId) ?? NOTHING;
    }
    return (await listExecutions(this.pool, "tenant_id", [tenantId], selection, window)).get(tenantId) ?? NOTHING;
  }

  /**
   * A stretch by number, newest first, with what each was started with. Of a workflow of another tenant: nothing.
   * @throws DomainError ANSWER_TOO_LARGE beyond 128 MiB.
   */
  async listAt(
    tenantId: TenantId,
    { workflowId, statuses }: Pick<ExecutionFilter, "workflowId" | "statuses">,
    stretch: { readonly limit: number; readonly offset: number },
  ): Promise<ExecutionView[]> {
    const [owner, key] = ownerOf(tenantId, workflowId);
    const found = await executionsAt(this.pool, owner, key, statuses, stretch);
    return this.whole(found.filter((execution) => execution.tenantId === tenantId));
  }

  /** Newest first, with what each was started with. @throws DomainError ANSWER_TOO_LARGE beyond 128 MiB. */
  async search(tenantId: TenantId, search: ExecutionSearch, window: Window): Promise<Page<ExecutionView>> {
    const { items, hasMore } = await searchExecutions(this.pool, tenantId, search, window);
    return { items: await this.whole(items), hasMore };
  }

  /** The same, a stretch by number. */
  async searchAt(
    tenantId: TenantId,
    search: ExecutionSearch,
    stretch: { readonly limit: number; readonly offset: number },
  ): Promise<ExecutionView[]> {
    return this.whole(await searchExecutionsAt(this.pool, tenantId, search, stretch));
  }

  countFound(tenantId: TenantId, search: ExecutionSearch): Promise<number> {
    return countFound(this.pool, tenantId, search);
  }

  /**
   * With what each was started with; without those that were removed since they were found.
   * @throws DomainError ANSWER_TOO_LARGE beyond 128 MiB.
   */
  private async whole(executions: readonly ExecutionSummary[]): Promise<ExecutionView[]> {
    const ids = executions.map(({ id }) => id);
    const found = await readTriggerData(this.pool, ids, this.maxWholeBytes);
    const missing = executions.filter(({ id }) => !found.has(id));
    if (
      missing[0] &&
      (
        await this.byIds(
          missing[0].tenantId,
          missing.map(({ id }) => id),
        )
      ).size > 0
    )
      throwTooLarge();
    return executions.flatMap((one) => {
      const triggerData = found.get(one.id);
      return triggerData ? [{ ...one, triggerData }] : [];
    });
  }

  async count(tenantId: TenantId, filter: ExecutionFilter): Promise<number> {
    const { workflowId, correlationId } = filter;
    const selection = await this.selection(filter);
    if (correlationId !== undefined) {
      return countCorrelated(this.pool, { ...selection, tenantId, correlationId, workflowId });
    }
    const one = { limit: 1, after: null, before: null, fromEnd: false };
    const isTheirs = workflowId === undefined || (await this.list(tenantId, filter, one)).items.length > 0;
    if (!isTheirs) return 0;
    const [owner, key] = ownerOf(tenantId, workflowId);
    return (await countExecutions<string | number>(this.pool, owner, [key], selection)).get(key) ?? 0;
  }

  /** Newest first, a page for each workflow. */
  listOfWorkflows(
    tenantId: TenantId,
    workflowIds: readonly number[],
    statuses: readonly ExecutionStatus[] | undefined,
    window: Window,
  ): Promise<Map<number, Page<ExecutionSummary>>> {
    return this.pagesOfWorkflows(tenantId, workflowIds, { statuses, created: anyTime }, window);
  }

  countOfWorkflows(
    workflowIds: readonly WorkflowId[],
    statuses: readonly ExecutionStatus[] | undefined,
  ): Promise<Map<number, number>> {
    return countExecutions(this.pool, "workflow_id", workflowIds, { statuses, created: anyTime });
  }

  /** In the order in which they began, a page for each execution. */
  stepsOf(executionIds: readonly ExecutionId[], window: Window): Promise<Map<number, Page<StepSummary>>> {
    return listSteps(this.pool, executionIds, window);
  }

  /**
   * All of them with their outputs, in the order in which they began.
   * @throws DomainError ANSWER_TOO_LARGE beyond 128 MiB.
   */
  async allSteps(executionIds: readonly ExecutionId[]): Promise<Map<number, readonly StepOutcome[]>> {
    const steps = await readOutputs(this.pool, executionIds, this.maxWholeBytes, JSON.parse);
    return new Map([...steps].map(([id, own]) => [id, own ?? throwTooLarge()]));
  }

  stepCounts(executionIds: readonly ExecutionId[]): Promise<Map<number, number>> {
    return countSteps(this.pool, executionIds);
  }

  /** Every attempt of each step, by step id: those before a retry by hand too. */
  async attemptsOf(
    steps: readonly { readonly executionId: ExecutionId; readonly stepId: StepId }[],
  ): Promise<Map<number, Attempt[]>> {
    const executionIds = [...new Set(steps.map((step) => step.executionId))];
    const stepIds = steps.map((step) => step.stepId);
    const events = await readStepEvents(this.pool, executionIds, stepIds, attemptEvents);
    return new Map([...events].map(([id, own]) => [id, attemptsOf(own)]));
  }

  /** The waiting steps of each execution, the one that goes on first first; at most 100. */
  waitingStepsOf(executionIds: readonly ExecutionId[]): Promise<Map<number, StepSummary[]>> {
    return readWaitingSteps(this.pool, executionIds, MAX_WAITS);
  }

  /** By seq, a page for each execution. */
  eventsOf(executionIds: readonly ExecutionId[], window: Window): Promise<Map<number, Page<EventSummary>>> {
    return listEvents(this.pool, executionIds, window);
  }

  /** What each was started with. Those that are more than 64 MiB with the ones before them are left out. */
  triggerDataOf(executionIds: readonly ExecutionId[]): Promise<Map<number, JsonObject>> {
    return readTriggerData(this.pool, executionIds, this.maxJsonBytes);
  }

  /** Of each step. Those that are more than 64 MiB with the ones before them are left out. */
  stepJsonOf(stepIds: readonly StepId[], column: "input" | "output"): Promise<Map<number, JsonValue>> {
    return readStepJson(this.pool, column, stepIds, this.maxJsonBytes);
  }

  /** By `executionId:seq`. Those that are more than 64 MiB with the ones before them are left out. */
  eventDataOf(events: readonly EventKey[]): Promise<Map<string, JsonObject>> {
    return readEventData(this.pool, events, this.maxJsonBytes);
  }

  /**
   * Step name → output, of what has completed so far. Executions whose steps' outputs are more than 64 MiB with the ones
   * before them are left out.
   */
  async resultsOf(executionIds: readonly ExecutionId[]): Promise<Map<number, JsonObject>> {
    const steps = await readOutputs(this.pool, executionIds, this.maxJsonBytes);
    return new Map(
      executionIds.flatMap((id) => {
        const own = steps.get(id);
        return own === null ? [] : [[id, resultOf(own ?? [])]];
      }),
    );
  }

  /**
   * Step name → output, of what has completed so far, and the attempts beyond each first.
   * @throws DomainError ANSWER_TOO_LARGE beyond 128 MiB.
   */
  async outcomesOf(executionIds: readonly ExecutionId[]): Promise<Map<number, ExecutionOutcome>> {
    const steps = await readOutputs(this.pool, executionIds, this.maxWholeBytes);
    return new Map(
      executionIds.map((id) => {
        const own = steps.has(id) ? (steps.get(id) ?? throwTooLarge()) : [];
        return [
          id,
          { result: resultOf(own), retries: own.reduce((n, { attempt }) => n + Math.max(attempt - 1, 0), 0) },
        ];
      }),
    );
  }

  private async pagesOfWorkflows(
    tenantId: TenantId,
    workflowIds: readonly number[],
    selection: Selection,
    window: Window,
  ): Promise<Map<number, Page<ExecutionSummary>>> {
    const pages = await listExecutions(this.pool, "workflow_id", workflowIds, selection, window);
    // An execution has the tenant of its workflow: one of a page tells for all.
    for (const [id, { items }] of pages) if (items[0] && items[0].tenantId !== tenantId) pages.delete(id);
    return pages;
  }

  /** @throws DomainError when what it filters by cannot be. */
  private async selection({ statuses, correlationId, since, until }: ExecutionFilter): Promise<Selection> {
    if (correlationId !== undefined) checkText("filter.correlationId", correlationId);
    if (since !== undefined && until !== undefined && since >= until) {
      throw DomainError.invalid([{ path: "filter.until", message: "must be later than since" }]);
    }
    return { statuses, created: await createdRange(this.pool, { since, until }) };
  }
}

function ownerOf(tenantId: TenantId, workflowId: number | undefined) {
  return workflowId === undefined ? (["tenant_id", tenantId] as const) : (["workflow_id", workflowId] as const);
}

function throwTooLarge(): never {
  throw answerTooLarge();
}
