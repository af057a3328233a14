export type { SchedulePolicies } from "../model/index.ts";

export { ScheduleService } from "./schedule-service.ts";
export { Scheduler, type SchedulerDeps } from "./scheduler.ts";

export { WorkflowSchedules } from "./workflow-schedules.ts";
