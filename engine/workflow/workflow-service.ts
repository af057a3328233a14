import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import { type DefinitionContext, parseDefinition } from "../definition/index.ts";
import { DomainError } from "../errors.ts";
import { type Bus, channels } from "../events/bus.ts";
import type { JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { checkCron } from "../schedule/cron.ts";
import { WorkflowEntity, type WorkflowRow } from "../store/entities/workflow.ts";
import { WorkflowVersionEntity, type WorkflowVersionRow } from "../store/entities/workflow-version.ts";
import { parseInput, workflowInput } from "./workflow-input.ts";

/** A workflow with its current version. */
export interface Workflow extends WorkflowRow {
  readonly definition: JsonObject;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
}

/** The template that a workflow is made from, and the transaction that it is made in. */
export interface WorkflowOrigin {
  readonly templateId: number;
  readonly em: EntityManager;
}

/** How long a cached row may be used without asking again; changes made here or on the bus drop it at once. */
const CACHE_MS = 5_000;

export class WorkflowService {
  private readonly cache = new Map<number, { row: WorkflowRow; until: number }>();

  constructor(
    private readonly em: () => EntityManager,
    private readonly context: Omit<DefinitionContext, "defaults">,
    private readonly bus: Bus,
  ) {}

  /** Listens for changes that other processes make. */
  async start(): Promise<void> {
    await this.bus.subscribe(
      channels.workflowChanged,
      (id) => this.cache.delete(id as number),
      () => this.cache.clear(),
    );
  }

  /** `input` in the names of the documented API; `workflow_config` is the definition. */
  async create(tenantId: string, input: JsonObject, origin?: WorkflowOrigin): Promise<Workflow> {
    const { workflow_config: config, ...rest } = input;
    const fields = parseInput(workflowInput, rest);
    if (!isJsonObject(config) || Object.keys(config).length === 0) {
      throw new DomainError("WORKFLOW_CONFIG_REQUIRED", "Workflow configuration is required", {
        field: "workflow_config",
      });
    }
    const parsed = parseDefinition(config, { ...this.context, defaults: { maxRetries: fields.max_retries } });
    if ("issues" in parsed) throw DomainError.invalid(parsed.issues);
    if (fields.cron_schedule) checkCron(fields.cron_schedule, "cron_schedule");
    const now = new Date();
    const em = origin?.em ?? this.em();
    try {
      return await em.transactional(async (tx) => {
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
          templateId: origin?.templateId ?? null,
          createdAt: now,
          updatedAt: now,
        });
        await tx.flush();
        const version = tx.create(WorkflowVersionEntity, {
          workflowId: row.id,
          version: 1,
          definition: config,
          timeoutSeconds: fields.timeout_seconds,
          maxRetries: fields.max_retries,
          createdAt: now,
        });
        await tx.flush();
        return joined(row, version);
      });
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException) {
        throw new DomainError("NAME_TAKEN", `A workflow named "${fields.name}" exists already`, {
          field: "name",
          cause: error,
        });
      }
      throw error;
    }
  }

  async get(tenantId: string, id: number): Promise<Workflow> {
    const em = this.em();
    const row = await em.findOne(WorkflowEntity, { id, tenantId, status: { $ne: "deleted" } });
    if (!row) throw new DomainError("WORKFLOW_NOT_FOUND", "Workflow not found", { field: "workflow_id" });
    const version = await em.findOneOrFail(WorkflowVersionEntity, { workflowId: id, version: row.version });
    return joined(row, version);
  }

  /** The row to start an execution of, or why it cannot be. */
  async executable(tenantId: string, id: number): Promise<WorkflowRow> {
    const row = await this.cached(id);
    if (!row || row.tenantId !== tenantId || row.status === "deleted") {
      throw new DomainError("WORKFLOW_NOT_FOUND", "Workflow not found", { field: "workflow_id" });
    }
    if (row.status !== "active" || !row.isEnabled) {
      throw new DomainError(
        "WORKFLOW_NOT_EXECUTABLE",
        `Workflow cannot be executed (status: ${row.status}, enabled: ${row.isEnabled})`,
      );
    }
    return row;
  }

  /** For a `workflow` step that names its child. */
  async idOf(tenantId: string, name: string): Promise<number | null> {
    const row = await this.em().findOne(
      WorkflowEntity,
      { tenantId, name, status: { $ne: "deleted" } },
      { fields: ["id"] },
    );
    return row?.id ?? null;
  }

  private async cached(id: number): Promise<WorkflowRow | null> {
    const now = Date.now();
    const known = this.cache.get(id);
    if (known && known.until > now) return known.row;
    const row = await this.em().findOne(WorkflowEntity, { id });
    if (row) this.cache.set(id, { row, until: now + CACHE_MS });
    return row;
  }
}

function joined(row: WorkflowRow, version: WorkflowVersionRow): Workflow {
  const { definition, timeoutSeconds, maxRetries } = version;
  return Object.assign({ ...row }, { definition, timeoutSeconds, maxRetries });
}
