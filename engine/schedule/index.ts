export { checkCron } from "../calendar/cron.ts";
export type { DstPolicies, SchedulePolicies } from "../model/schedule-policies.ts";
export type { BackfillRange, BackfillResult } from "./backfill.ts";
export { policiesInput, timezoneInput } from "./policies.ts";
export { previewInput, scheduleInput, schedulePatch } from "./schedule-input.ts";
export { ScheduleService, type ScheduleServiceDeps } from "./schedule-service.ts";
export { Scheduler, type SchedulerDeps } from "./scheduler.ts";
export { nextTimes } from "./times.ts";
export { WorkflowSchedules } from "./workflow-schedules.ts";
