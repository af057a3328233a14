import { LockMode } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import { type Bus, channels } from "../bus/index.ts";
import { checkCron } from "../calendar/index.ts";
import { steadyClock } from "../runtime/index.ts";
import { ScheduleEntity, type WorkflowRow } from "../store/index.ts";
import { type Timetable, timing } from "./due.ts";
import { readTriggerConfig } from "./policies.ts";

/** The schedule that a workflow's own `cron_schedule` and `is_scheduled` make. */
export class WorkflowSchedules {
  constructor(
    private readonly bus: Bus,
    private readonly now: () => number = steadyClock.now,
  ) {}

  /**
   * Brings the schedule in line with the workflow, in the transaction that changes it: there while `is_scheduled` and
   * `cron_schedule` are set, firing while the workflow is active and enabled. A deleted workflow loses all its
   * schedules. Throws INVALID_CRON, or VALIDATION_FAILED for `trigger_config.timezone` and its policies.
   * Call what it returns after the commit: it tells the schedulers.
   */
  async sync(tx: EntityManager, workflow: WorkflowRow): Promise<() => void> {
    if (workflow.status === "deleted") {
      await tx.nativeDelete(ScheduleEntity, { workflowId: workflow.id });
      return () => {};
    }
    const { cronSchedule: cron } = workflow;
    if (!workflow.isScheduled || cron == null) {
      await tx.nativeDelete(ScheduleEntity, { workflowId: workflow.id, source: "workflow" });
      return () => {};
    }
    checkCron(cron, "cron_schedule");
    const timetable: Timetable = { cron, ...readTriggerConfig(workflow.triggerConfig ?? null) };
    const isEnabled = workflow.status === "active" && workflow.isEnabled;
    return this.store(tx, workflow, timetable, isEnabled);
  }

  private async store(
    tx: EntityManager,
    workflow: WorkflowRow,
    timetable: Timetable,
    isEnabled: boolean,
  ): Promise<() => void> {
    const now = new Date(this.now());
    // Waits for a scheduler that is firing it.
    const known = await tx.findOne(
      ScheduleEntity,
      { workflowId: workflow.id, source: "workflow" },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    const wanted = { name: workflow.name, ...timetable, isEnabled };
    const row = known
      ? tx.assign(known, { ...wanted, ...timing(known, wanted, now), updatedAt: now })
      : tx.create(ScheduleEntity, {
          ...wanted,
          ...timing(null, wanted, now),
          tenantId: workflow.tenantId,
          workflowId: workflow.id,
          source: "workflow",
          triggerData: {},
          lastAt: null,
          activeExecutionIds: [],
          createdAt: now,
          updatedAt: now,
        });
    await tx.flush();
    return () => announce(this.bus, row.nextAt);
  }
}

/** Tells the schedulers, after the commit. */
export function announce(bus: Bus, nextAt: Date | null | undefined): void {
  if (nextAt) bus.publish(channels.scheduleChanged, nextAt.getTime());
}
