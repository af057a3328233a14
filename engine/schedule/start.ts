import type { ExecutionService } from "../execution/index.ts";
import type { ExecutionRecord } from "../model/index.ts";
import type { ScheduleRow } from "../store/index.ts";

/** One execution a schedule and nominal time, whoever starts it, and however often. */
export function scheduleKey(scheduleId: number, nominal: Date): string {
  return `schedule:${scheduleId}:${nominal.toISOString()}`;
}

export type Scheduled = Pick<ScheduleRow, "id" | "tenantId" | "workflowId" | "cron" | "triggerData">;

export function startScheduled(
  executions: Pick<ExecutionService, "start">,
  schedule: Scheduled,
  nominal: Date,
): Promise<ExecutionRecord> {
  return executions.start({
    tenantId: schedule.tenantId,
    workflowId: schedule.workflowId,
    triggerType: "scheduled",
    triggerData: { ...schedule.triggerData, scheduled_time: nominal.toISOString(), cron_schedule: schedule.cron },
    idempotencyKey: scheduleKey(schedule.id, nominal),
  });
}
