import { z } from "zod";
import {
  type CompensationStatus,
  DomainError,
  type Engine,
  type ExecutionEvent,
  type ExecutionRecord,
  type ExecutionSearch,
  isJsonObject,
  type JsonObject,
  type LiveLog,
  numberOf,
  type Page,
  parseInput,
  type TenantId,
  text,
  type Window,
} from "../engine/index.ts";
import { type Saga, toSaga } from "./saga.ts";
import { type SagaStatus, standings } from "./saga-status.ts";
import { type SagaTypeService, WORKFLOW_EXECUTION } from "./types/saga-type-service.ts";

export interface StartSaga {
  readonly type: string;
  readonly input: JsonObject;
  readonly correlationId: string | null;
  /** The same key with the same input gives the same saga. */
  readonly idempotencyKey?: string | null;
}

/** What is absent does not restrict. */
export interface SagaQuery {
  readonly status?: SagaStatus | undefined;
  /** `failed`: an operator must look. */
  readonly compensationStatus?: CompensationStatus | undefined;
  /** Name of a type. */
  readonly type?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** What is told and checked here of a start; type, input and key are where they are used. */
export const sagaInput = z.strictObject({
  type: z.string().optional().describe("Name of a registered type, or `workflow_execution`; else SAGA_TYPE_NOT_FOUND."),
  input: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "As the type's schema says, at most 1 MiB. `workflow_execution`: `workflow_id`, and `execution_id` to adopt one. Default `{}`.",
    ),
  correlation_id: text(255)
    .min(1)
    .nullable()
    .describe("Follows the saga through participants and events. Default: its id."),
  idempotency_key: text(255)
    .min(1)
    .optional()
    .describe("The same key with the same input gives the same saga; with another IDEMPOTENCY_CONFLICT."),
});
const MAX_ID = 2 ** 31 - 1;

/** Sagas, which are executions: nothing here is a state of its own. */
export class SagaService {
  constructor(
    private readonly engine: Engine,
    private readonly types: SagaTypeService,
  ) {}

  /** Resolves when it is stored; it runs on its own. `workflow_execution` adopts the execution that its input names. */
  async start(tenantId: TenantId, { type, input, correlationId, idempotencyKey = null }: StartSaga): Promise<string> {
    parseInput(sagaInput, { correlation_id: correlationId });
    if (type === WORKFLOW_EXECUTION) return this.startWorkflow(tenantId, input, correlationId, idempotencyKey);
    const found = await this.types.get(tenantId, type);
    this.types.checkInput(found, input);
    const request = { triggerData: input, correlationId, idempotencyKey };
    return (await this.engine.executions.startSaga(found, request)).uid;
  }

  /** @throws DomainError SAGA_NOT_FOUND */
  async get(tenantId: TenantId, sagaId: string): Promise<Saga> {
    return (await this.present(tenantId, [await this.execution(tenantId, sagaId)]))[0]!;
  }

  /** Newest first. */
  async list(
    tenantId: TenantId,
    query: SagaQuery,
    stretch: { readonly limit: number; readonly offset: number },
  ): Promise<Saga[]> {
    const search = await this.searchOf(tenantId, query);
    if (search === null) return [];
    return this.present(tenantId, await this.engine.executionQueries.searchAt(tenantId, search, stretch));
  }

  async count(tenantId: TenantId, query: SagaQuery): Promise<number> {
    const search = await this.searchOf(tenantId, query);
    return search === null ? 0 : this.engine.executionQueries.countFound(tenantId, search);
  }

  /** Newest first. */
  async page(tenantId: TenantId, query: SagaQuery, window: Window): Promise<Page<Saga>> {
    const search = await this.searchOf(tenantId, query);
    if (search === null) return { items: [], hasMore: false };
    const { items, hasMore } = await this.engine.executionQueries.search(tenantId, search, window);
    return { items: await this.present(tenantId, items), hasMore };
  }

  async cancel(
    tenantId: TenantId,
    sagaId: string,
    options: { readonly compensate: boolean; readonly reason: string | null },
  ): Promise<Saga> {
    const { id } = await this.execution(tenantId, sagaId);
    return this.presentOne(tenantId, await this.engine.executions.cancel(tenantId, id, options));
  }

  async resumeCompensation(tenantId: TenantId, sagaId: string): Promise<Saga> {
    const { id } = await this.execution(tenantId, sagaId);
    return this.presentOne(tenantId, await this.engine.executions.resumeCompensation(tenantId, id));
  }

  async skipCompensation(
    tenantId: TenantId,
    sagaId: string,
    skip: { readonly step: string; readonly reason: string },
  ): Promise<Saga> {
    const { id } = await this.execution(tenantId, sagaId);
    return this.presentOne(tenantId, await this.engine.executions.skipCompensation(tenantId, id, skip));
  }

  /** Everything that happens to it after the event with seq `after`, without a gap; ends with it. @throws DomainError */
  async events(tenantId: TenantId, sagaId: string, after: number): Promise<LiveLog<ExecutionEvent>> {
    const { id } = await this.execution(tenantId, sagaId);
    return this.engine.live.executionEvents(tenantId, id, after);
  }

  private async execution(tenantId: TenantId, sagaId: string): Promise<ExecutionRecord> {
    const id = numberOf(sagaId);
    try {
      const found = id === null ? null : await this.engine.executions.get(tenantId, id);
      if (found?.uid === sagaId.toLowerCase()) return found;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "EXECUTION_NOT_FOUND") throw error;
    }
    throw new DomainError("SAGA_NOT_FOUND", "SAGA not found", { field: "saga_id" });
  }

  private async presentOne(tenantId: TenantId, execution: ExecutionRecord): Promise<Saga> {
    return (await this.present(tenantId, [execution]))[0]!;
  }

  private async present(tenantId: TenantId, executions: readonly ExecutionRecord[]): Promise<Saga[]> {
    if (executions.length === 0) return [];
    const keys = new Map(
      executions.map(({ workflowId, workflowVersion: version }) => [
        `${workflowId}:${version}`,
        { workflowId, version },
      ]),
    );
    const [types, versions, steps] = await Promise.all([
      this.types.list(tenantId),
      this.engine.workflows.versions([...keys.values()]),
      this.engine.executionQueries.allSteps(executions.map(({ id }) => id)),
    ]);
    const nameOf = new Map(types.map((type) => [type.workflowId, type.name]));
    const versionOf = new Map(versions.map((row) => [`${row.workflowId}:${row.version}`, row]));
    return executions.map((execution) => {
      const { id, workflowId, workflowVersion } = execution;
      const version = versionOf.get(`${workflowId}:${workflowVersion}`)!;
      return toSaga(execution, nameOf.get(workflowId) ?? null, version, steps.get(id) ?? []);
    });
  }

  /** Null: no saga can fit. */
  private async searchOf(tenantId: TenantId, query: SagaQuery): Promise<ExecutionSearch | null> {
    const { status, compensationStatus: compensation, type, correlationId } = query;
    if (correlationId?.includes("\0")) return null;
    const search = { standings: status && standings[status], compensation, correlationId };
    if (type === undefined) return search;
    if (type === WORKFLOW_EXECUTION) return { ...search, sagaType: null };
    const found = (await this.types.list(tenantId)).find(({ name }) => name === type);
    return found ? { ...search, sagaType: found.workflowId } : null;
  }

  private async startWorkflow(
    tenantId: TenantId,
    input: JsonObject,
    correlationId: string | null,
    idempotencyKey: string | null,
  ): Promise<string> {
    const { workflow_id, execution_id, trigger_data = {} } = input;
    const workflowId = wholeNumber(workflow_id, "input_data.workflow_id", MAX_ID);
    if (!isJsonObject(trigger_data)) throw invalid("input_data.trigger_data", "must be an object");
    if (execution_id != null) {
      const id = wholeNumber(execution_id, "input_data.execution_id", Number.MAX_SAFE_INTEGER);
      const execution = (await this.engine.executionQueries.byIds(tenantId, [id])).get(id);
      if (execution?.workflowId !== workflowId) {
        throw invalid("input_data.execution_id", "must be an execution of that workflow");
      }
      return execution.uid;
    }
    const request = { tenantId, workflowId, triggerData: trigger_data, correlationId, idempotencyKey };
    return (await this.engine.executions.start(request)).uid;
  }
}

/** Older clients send numbers as text. */
function wholeNumber(value: unknown, path: string, max: number): number {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw invalid(path, value === undefined ? "is required" : "must be a whole number from 1");
}

function invalid(path: string, message: string): DomainError {
  return DomainError.invalid([{ path, message }]);
}
