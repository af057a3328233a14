import { LockMode } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import type { Bus } from "../bus/index.ts";
import { checkCron } from "../calendar/index.ts";
import type { ExecutionService } from "../execution/index.ts";
import {
  DomainError,
  idRange,
  type JsonObject,
  type Page,
  pageOf,
  parseInput,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { steadyClock } from "../runtime/index.ts";
import { ScheduleEntity, type ScheduleRow, WorkflowEntity } from "../store/index.ts";
import { type BackfillRange, type BackfillResult, backfill } from "./backfill.ts";
import { timing } from "./due.ts";
import { completePolicies } from "./policies.ts";
import { previewInput, scheduleInput, schedulePatch } from "./schedule-input.ts";
import { nextTimes } from "./times.ts";
import { announce } from "./workflow-schedules.ts";

const MAX_PREVIEW = 100;

/** Which schedules; what is left out does not restrict. */
export interface ScheduleFilter {
  readonly workflowId?: number;
}

export interface ScheduleServiceDeps {
  readonly em: () => EntityManager;
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly executions: Pick<ExecutionService, "start">;
  /** ms since the epoch. Default: by the clock of this process alone. */
  readonly now?: () => number;
}

export class ScheduleService {
  constructor(private readonly deps: ScheduleServiceDeps) {}

  /** `input` as `scheduleInput` describes it. */
  async create(tenantId: TenantId, input: JsonObject): Promise<ScheduleRow> {
    const fields = parseInput(scheduleInput, input);
    checkCron(fields.cron, "cron");
    const em = this.deps.em();
    const workflow = await em.findOne(WorkflowEntity, {
      id: fields.workflow_id,
      tenantId,
      status: { $ne: "deleted" },
    });
    if (!workflow) throw new DomainError("WORKFLOW_NOT_FOUND", "Workflow not found", { field: "workflow_id" });
    const now = this.now();
    const plan = {
      cron: fields.cron,
      timezone: fields.timezone,
      policies: completePolicies(fields.policies ?? {}),
      isEnabled: fields.is_enabled,
    };
    const row = em.create(ScheduleEntity, {
      ...plan,
      ...timing(null, plan, now),
      tenantId,
      workflowId: workflow.id,
      name: fields.name,
      triggerData: fields.trigger_data,
      source: "api",
      lastAt: null,
      activeExecutionIds: [],
      createdAt: now,
      updatedAt: now,
    });
    await em.flush();
    announce(this.deps.bus, row.nextAt);
    return row;
  }

  async get(tenantId: TenantId, id: number): Promise<ScheduleRow> {
    return found(await this.deps.em().findOne(ScheduleEntity, { id, tenantId }));
  }

  /** Newest first. Plan: "schedule_tenant", or "schedule_workflow". */
  async list(tenantId: TenantId, filter: ScheduleFilter, window: Window): Promise<Page<ScheduleRow>> {
    const { lower, upper, direction } = idRange(window, "DESC");
    const rows = await this.deps
      .em()
      .find(
        ScheduleEntity,
        { tenantId, ...filter, id: { $gt: lower, $lt: upper } },
        { orderBy: { id: direction }, limit: window.limit + 1 },
      );
    return pageOf(rows, window);
  }

  count(tenantId: TenantId, filter: ScheduleFilter): Promise<number> {
    return this.deps.em().count(ScheduleEntity, { tenantId, ...filter });
  }

  /** `input` as `schedulePatch` describes it: what is left out stays. */
  async update(tenantId: TenantId, id: number, input: JsonObject): Promise<ScheduleRow> {
    const patch = parseInput(schedulePatch, input);
    if (patch.cron !== undefined) checkCron(patch.cron, "cron");
    const now = this.now();
    const row = await this.deps.em().transactional(async (tx) => {
      const known = await this.own(tx, tenantId, id);
      const wanted = {
        cron: patch.cron ?? known.cron,
        timezone: patch.timezone ?? known.timezone,
        policies: completePolicies({ ...known.policies, ...patch.policies }),
        isEnabled: patch.is_enabled ?? known.isEnabled,
      };
      return tx.assign(known, {
        ...wanted,
        ...timing(known, wanted, now),
        name: patch.name ?? known.name,
        triggerData: patch.trigger_data ?? known.triggerData,
        updatedAt: now,
      });
    });
    announce(this.deps.bus, row.nextAt);
    return row;
  }

  /** Fires nothing until it is resumed, and drops a time that is queued. */
  pause(tenantId: TenantId, id: number): Promise<ScheduleRow> {
    return this.update(tenantId, id, { is_enabled: false });
  }

  /** Goes on with the next nominal time from now; those that passed while it was paused are not made up for. */
  resume(tenantId: TenantId, id: number): Promise<ScheduleRow> {
    return this.update(tenantId, id, { is_enabled: true });
  }

  /** Its executions stay. */
  async remove(tenantId: TenantId, id: number): Promise<void> {
    await this.deps.em().transactional(async (tx) => {
      tx.remove(await this.own(tx, tenantId, id));
    });
  }

  /** The next `count` (1 to 100) nominal times; fewer when no further date matches. */
  async preview(tenantId: TenantId, id: number, count: number): Promise<readonly Date[]> {
    checkCount(count, MAX_PREVIEW, "count");
    const { cron, timezone, policies } = await this.get(tenantId, id);
    return nextTimes(cron, timezone, policies, this.now(), count);
  }

  /** The same for an expression that is not stored; `input` as `previewInput` describes it. */
  previewOf(input: JsonObject, count: number): readonly Date[] {
    checkCount(count, MAX_PREVIEW, "count");
    const { cron, timezone, policies } = parseInput(previewInput, input);
    checkCron(cron, "cron");
    return nextTimes(cron, timezone, completePolicies(policies ?? {}), this.now(), count);
  }

  /**
   * Starts one execution for each nominal time in the range that has none yet. `admit` is told how many that will be, and
   * throws when they are too many.
   */
  async backfill(
    tenantId: TenantId,
    id: number,
    range: BackfillRange,
    admit: (executions: number) => Promise<void> = async () => {},
  ): Promise<BackfillResult> {
    return backfill(this.deps, await this.get(tenantId, id), range, this.now(), admit);
  }

  /** To change it. Waits for a scheduler that is firing it. */
  private async own(tx: EntityManager, tenantId: TenantId, id: number): Promise<ScheduleRow> {
    const row = found(await tx.findOne(ScheduleEntity, { id, tenantId }, { lockMode: LockMode.PESSIMISTIC_WRITE }));
    if (row.source === "api") return row;
    throw new DomainError(
      "INVALID_STATE",
      "This schedule is made from its workflow: change cron_schedule, is_scheduled or trigger_config there",
    );
  }

  private now(): Date {
    return new Date((this.deps.now ?? steadyClock.now)());
  }
}

function found(row: ScheduleRow | null): ScheduleRow {
  if (!row) throw new DomainError("SCHEDULE_NOT_FOUND", "Schedule not found", { field: "schedule_id" });
  return row;
}

function checkCount(count: number, max: number, field: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= max) return;
  throw DomainError.invalid([{ path: field, message: `must be an integer from 1 to ${max}` }]);
}
