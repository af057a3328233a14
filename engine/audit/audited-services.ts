import type { ExecutionBatches, ExecutionService } from "../execution/index.ts";
import type { FileService } from "../files/index.ts";
import type { HookService } from "../hook/index.ts";
import type { KeyService } from "../keys/index.ts";
import type { RetentionService } from "../retention/index.ts";
import type { ScheduleService } from "../schedule/index.ts";
import type { TemplateService } from "../template/index.ts";
import type { DeliveryService } from "../webhook/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import { audited } from "./audited.ts";
import {
  batchChanges,
  deliveryChanges,
  executionChanges,
  fileChanges,
  hookChanges,
  keyChanges,
  retentionChanges,
  scheduleChanges,
  templateChanges,
  workflowChanges,
} from "./changes.ts";

/** What both faces change things with. */
export interface AuditedServices {
  readonly workflows: WorkflowService;
  readonly templates: TemplateService;
  readonly executions: ExecutionService;
  readonly executionBatches: ExecutionBatches;
  readonly retention: RetentionService;
  readonly keys: KeyService;
  readonly schedules: ScheduleService;
  readonly files: FileService;
  readonly hooks: HookService;
  readonly deliveries: DeliveryService;
}

export function auditedServices(services: AuditedServices): AuditedServices {
  return {
    workflows: audited(services.workflows, workflowChanges),
    templates: audited(services.templates, templateChanges),
    executions: audited(services.executions, executionChanges),
    executionBatches: audited(services.executionBatches, batchChanges),
    retention: audited(services.retention, retentionChanges),
    keys: auditedKeys(services.keys),
    schedules: audited(services.schedules, scheduleChanges),
    files: audited(services.files, fileChanges),
    hooks: audited(services.hooks, hookChanges),
    deliveries: audited(services.deliveries, deliveryChanges),
  };
}

export function auditedKeys(keys: KeyService): KeyService {
  return audited(keys, keyChanges);
}
