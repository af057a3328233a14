import { LockMode } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import type { Bus } from "../bus/index.ts";
import { checkCron } from "../calendar/index.ts";
import { contextOf, parseDefinition, type TenantContext } from "../definition/index.ts";
import {
  asStored,
  DomainError,
  type Issue,
  idRange,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Page,
  pageOf,
  parseInput,
  type TenantId,
  type Window,
  type WorkflowId,
  type WorkflowStatus,
} from "../model/index.ts";
import { inTurn } from "../runtime/index.ts";
import {
  listVersions,
  listWorkflowsAt,
  readWorkflow,
  unlessTaken,
  type VersionKey,
  WorkflowEntity,
  type WorkflowRow,
  WorkflowVersionEntity,
  type WorkflowVersionRow,
} from "../store/index.ts";
import { RowCache } from "./row-cache.ts";
import { VersionCache } from "./version-cache.ts";
import { assign, joined, type Workflow } from "./workflow.ts";
import { workflowInput, workflowPatch } from "./workflow-input.ts";

/** The template that a workflow is made from, and the transaction that it is made in. */
export interface WorkflowOrigin {
  readonly templateId: number;
  readonly em: EntityManager;
}

/** The schedules that workflows have by their own fields. */
export interface OwnSchedules {
  /** In the transaction that changes the workflow; what it returns is to be called after the commit. */
  sync(tx: EntityManager, workflow: WorkflowRow): Promise<() => void>;
}

export class WorkflowService {
  private readonly rowCache: RowCache;
  private readonly versionCache: VersionCache;

  constructor(
    private readonly em: () => EntityManager,
    private readonly context: TenantContext,
    bus: Bus,
    private readonly schedules: OwnSchedules,
    private readonly pool: pg.Pool,
  ) {
    this.rowCache = new RowCache(bus, (id) => this.em().findOne(WorkflowEntity, { id }) as Promise<WorkflowRow | null>);
    this.versionCache = new VersionCache(pool);
  }

  /** Listens for changes that other processes make. */
  start(): Promise<void> {
    return this.rowCache.start();
  }

  /** `input` in the names of the documented API; `workflow_config` is the definition. */
  async create(tenantId: TenantId, input: JsonObject, origin?: WorkflowOrigin): Promise<Workflow> {
    const { workflow_config: config, ...rest } = input;
    const fields = parseInput(workflowInput, rest);
    const definition = this.checked(tenantId, config, fields.max_retries);
    if (fields.cron_schedule) checkCron(fields.cron_schedule, "cron_schedule");
    const now = new Date();
    let scheduled = (): void => {};
    const made = await unlessTaken("workflow", fields.name, () =>
      (origin?.em ?? this.em()).transactional(async (tx) => {
        const row = tx.create(WorkflowEntity, {
          tenantId,
          name: fields.name,
          description: fields.description ?? null,
          status: "active",
          isEnabled: fields.is_enabled,
          version: 1,
          triggerConfig: fields.trigger_config ?? null,
          cronSchedule: fields.cron_schedule ?? null,
          isScheduled: fields.is_scheduled,
          triggerOnFileUpload: fields.trigger_on_file_upload,
          triggerFileExtensions: fields.trigger_file_extensions ?? null,
          retentionDays: fields.retention_days ?? null,
          templateId: origin?.templateId ?? null,
          createdAt: now,
          updatedAt: now,
        }) as WorkflowRow;
        await tx.flush();
        const version = tx.create(WorkflowVersionEntity, {
          workflowId: row.id,
          version: 1,
          definition,
          timeoutSeconds: fields.timeout_seconds,
          maxRetries: fields.max_retries,
          createdAt: now,
        });
        await tx.flush();
        scheduled = await this.schedules.sync(tx, row);
        return joined(row, version);
      }),
    );
    scheduled();
    return made;
  }

  /**
   * Changes what `input` names. A new definition, time limit or number of retries makes a new version; executions
   * that were started before stay on theirs.
   */
  async update(tenantId: TenantId, id: number, input: JsonObject): Promise<Workflow> {
    const { workflow_config: config, ...rest } = input;
    const patch = parseInput(workflowPatch, rest);
    if (patch.cron_schedule) checkCron(patch.cron_schedule, "cron_schedule");
    let scheduled = (): void => {};
    const changed = await unlessTaken("workflow", patch.name ?? "", () =>
      this.em().transactional(async (tx) => {
        const row = await found(tx, tenantId, id, LockMode.PESSIMISTIC_WRITE);
        const current = await tx.findOneOrFail(WorkflowVersionEntity, { workflowId: id, version: row.version });
        assign(row, patch);
        scheduled = await this.schedules.sync(tx, row);
        const next = {
          definition: config === undefined ? current.definition : config,
          timeoutSeconds: patch.timeout_seconds ?? current.timeoutSeconds,
          maxRetries: patch.max_retries ?? current.maxRetries,
        };
        if (
          config === undefined &&
          next.timeoutSeconds === current.timeoutSeconds &&
          next.maxRetries === current.maxRetries
        )
          return joined(row, current);
        const definition = this.checked(tenantId, next.definition, next.maxRetries);
        row.version += 1;
        const createdAt = row.updatedAt;
        const version = { ...next, definition, workflowId: id, version: row.version, createdAt };
        return joined(row, tx.create(WorkflowVersionEntity, version));
      }),
    );
    this.rowCache.changed(id);
    scheduled();
    return changed;
  }

  /** Executions that run go on; the workflow and its name are gone. */
  async delete(tenantId: TenantId, id: number): Promise<void> {
    await this.em().transactional(async (tx) => {
      const row = await found(tx, tenantId, id, LockMode.PESSIMISTIC_WRITE);
      row.status = "deleted";
      row.updatedAt = new Date();
      await this.schedules.sync(tx, row);
    });
    this.rowCache.changed(id);
  }

  /** Every broken rule of a definition, with its path from `workflow_config`; none: it can be saved. */
  validate(tenantId: TenantId, config: JsonValue, maxRetries: number): Promise<readonly Issue[]> {
    return inTurn(() => this.issuesOf(tenantId, config, maxRetries));
  }

  /** The same, in the turn of the caller: for one definition a request. */
  issuesOf(tenantId: TenantId, config: JsonValue, maxRetries: number): readonly Issue[] {
    const parsed = parseDefinition(config, { ...contextOf(this.context, tenantId), defaults: { maxRetries } });
    return "issues" in parsed ? parsed.issues : [];
  }

  /**
   * Newest first, without their definitions; deleted ones only when `statuses` asks.
   * Plans: "workflow_tenant_id"; with statuses "workflow_tenant_status", read once for each.
   */
  async list(
    tenantId: TenantId,
    statuses: readonly WorkflowStatus[] | null,
    window: Window,
  ): Promise<Page<WorkflowRow>> {
    const { lower, upper, direction } = idRange(window, "DESC");
    const read = async (status: WorkflowStatus | typeof present): Promise<WorkflowRow[]> =>
      this.em().find(
        WorkflowEntity,
        { tenantId, id: { $gt: lower, $lt: upper }, status },
        { orderBy: { id: direction }, limit: window.limit + 1 },
      ) as Promise<WorkflowRow[]>;
    const rows = (await Promise.all(statuses === null ? [read(present)] : [...new Set(statuses)].map(read))).flat();
    const sign = direction === "ASC" ? 1 : -1;
    return pageOf(
      rows.sort((a, b) => sign * (a.id - b.id)),
      window,
    );
  }

  /** A stretch by number, newest first, each with its current version. */
  async listAt(
    tenantId: TenantId,
    statuses: readonly WorkflowStatus[] | null,
    stretch: { readonly limit: number; readonly offset: number },
  ): Promise<Workflow[]> {
    const rows = await listWorkflowsAt(this.pool, tenantId, statuses, stretch);
    if (rows.length === 0) return [];
    const versions = await this.versions(rows.map(({ id, version }) => ({ workflowId: id, version })));
    const byId = new Map(versions.map((version) => [version.workflowId, version]));
    return rows.map((row) => joined(row, byId.get(row.id)!));
  }

  count(tenantId: TenantId, statuses: readonly WorkflowStatus[] | null): Promise<number> {
    return this.em().count(WorkflowEntity, { tenantId, status: wanted(statuses) });
  }

  /** Deleted ones too: executions still show what they ran. */
  async byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, WorkflowRow>> {
    const rows = (await this.em().find(WorkflowEntity, { tenantId, id: { $in: [...ids] } })) as WorkflowRow[];
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** What executions are pinned to. */
  versions(keys: readonly VersionKey[]): Promise<WorkflowVersionRow[]> {
    return this.versionCache.get(keys);
  }

  /** Newest first, a page for each workflow; the cursors are version numbers. */
  versionsOf(workflowIds: readonly WorkflowId[], window: Window): Promise<Map<number, Page<WorkflowVersionRow>>> {
    return listVersions(this.pool, workflowIds, window);
  }

  async get(tenantId: TenantId, id: number): Promise<Workflow> {
    const row = (await readWorkflow(this.pool, tenantId, id)) ?? unknown();
    const [version] = await this.versionCache.get([{ workflowId: row.id, version: row.version }]);
    return joined(row, version!);
  }

  /** The row to start an execution of, or why it cannot be. */
  async executable(tenantId: TenantId, id: number): Promise<WorkflowRow> {
    const row = await this.rowCache.get(id);
    if (!row || row.tenantId !== tenantId || row.status === "deleted") {
      unknown();
    }
    if (row.status !== "active" || !row.isEnabled) {
      throw new DomainError(
        "WORKFLOW_NOT_EXECUTABLE",
        `Workflow cannot be executed (status: ${row.status}, enabled: ${row.isEnabled})`,
      );
    }
    return row;
  }

  /** Those that can be executed and ask for uploads, oldest first. Plan: "workflow_on_upload". */
  onUpload(tenantId: TenantId): Promise<WorkflowRow[]> {
    const where = { tenantId, triggerOnFileUpload: true, status: "active", isEnabled: true } as const;
    return this.em().find(WorkflowEntity, where, { orderBy: { id: "ASC" } }) as Promise<WorkflowRow[]>;
  }

  /** For a `workflow` step that names its child. */
  async idOf(tenantId: TenantId, name: string): Promise<number | null> {
    const row = await this.em().findOne(
      WorkflowEntity,
      { tenantId, name: asStored(name), status: { $ne: "deleted" } },
      { fields: ["id"] },
    );
    return row?.id ?? null;
  }

  /** The definition, proved to be one. */
  private checked(tenantId: TenantId, config: unknown, maxRetries: number): JsonObject {
    if (!isJsonObject(config) || Object.keys(config).length === 0) {
      throw new DomainError("WORKFLOW_CONFIG_REQUIRED", "Workflow configuration is required", {
        field: "workflow_config",
      });
    }
    const issues = this.issuesOf(tenantId, config, maxRetries);
    if (issues.length > 0) throw DomainError.invalid(issues);
    return config;
  }
}

async function found(em: EntityManager, tenantId: TenantId, id: number, lockMode: LockMode): Promise<WorkflowRow> {
  const where = { id, tenantId, status: { $ne: "deleted" } } as const;
  return ((await em.findOne(WorkflowEntity, where, { lockMode })) as WorkflowRow | null) ?? unknown();
}

function unknown(): never {
  throw new DomainError("WORKFLOW_NOT_FOUND", "Workflow not found", { field: "workflow_id" });
}

const present = { $ne: "deleted" } as const;
const wanted = (statuses: readonly WorkflowStatus[] | null) => (statuses === null ? present : { $in: [...statuses] });
