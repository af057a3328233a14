export type { SchedulePolicies } from "../model/index.ts";

export { policiesInput } from "./policies.ts";
export { previewInput, scheduleInput, schedulePatch } from "./schedule-input.ts";
export { ScheduleService } from "./schedule-service.ts";
export { Scheduler, type SchedulerDeps } from "./scheduler.ts";

export { WorkflowSchedules } from "./workflow-schedules.ts";
