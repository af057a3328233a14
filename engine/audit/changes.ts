import type { ExecutionBatches, ExecutionService } from "../execution/index.ts";
import type { FileRecord, FileService } from "../files/index.ts";
import { type HookService, shownToken } from "../hook/index.ts";
import type { KeyService } from "../keys/index.ts";
import type { ExecutionRecord, TenantId } from "../model/index.ts";
import type { RetentionService } from "../retention/index.ts";
import type { ScheduleService } from "../schedule/index.ts";
import type { TemplateService } from "../template/index.ts";
import type { DeliveryService } from "../webhook/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import type { Changes } from "./audited.ts";

/** Of each service: what is told of its changes. A method that is missing leaves the request's own entry only. */

type Owned<Rest extends readonly unknown[] = readonly unknown[]> = readonly [tenantId: TenantId, id: number, ...Rest];

/** The second argument is the id of what is changed. */
const of =
  (kind: string) =>
  ([, id]: Owned): string =>
    `${kind}:${id}`;
/** It has an id once it is made. */
const made =
  (kind: string) =>
  (_: unknown, result: { readonly id: number } | null): string | null =>
    result && `${kind}:${result.id}`;
const stored = (service: { get(tenantId: TenantId, id: number): Promise<unknown> }, [tenantId, id]: Owned) =>
  service.get(tenantId, id);
const nothing = (): null => null;

/** Trigger data and results are in the execution's own record. */
const executionFacts = ({ id, workflowId, workflowVersion, status }: ExecutionRecord) => ({
  id,
  workflowId,
  workflowVersion,
  status,
});
const fileFacts = ({ id, filename, mimeType, size, status }: FileRecord) => ({ id, filename, mimeType, size, status });

export const workflowChanges: Changes<WorkflowService> = {
  create: { action: "workflow.create", target: made("workflow"), asked: ([, input]) => input },
  update: {
    action: "workflow.update",
    target: of("workflow"),
    before: stored,
    asked: ([, , input]) => input,
  },
  delete: { action: "workflow.delete", target: of("workflow"), before: stored, asked: nothing },
};

export const templateChanges: Changes<TemplateService> = {
  create: { action: "template.create", target: made("template"), asked: ([, input]) => input },
  update: {
    action: "template.update",
    target: of("template"),
    before: stored,
    asked: ([, , input]) => input,
  },
  remove: { action: "template.delete", target: of("template"), before: stored, asked: nothing },
  createWorkflow: { action: "workflow.create", target: made("workflow"), asked: ([, input]) => input },
};

const executionState = async (executions: ExecutionService, [tenantId, id]: Owned) =>
  executionFacts(await executions.get(tenantId, id));

export const executionChanges: Changes<ExecutionService> = {
  start: {
    action: "execution.start",
    target: made("execution"),
    after: executionFacts,
    asked: ([{ workflowId, triggerData }]) => ({ workflowId, triggerData }),
    hasRecord: true,
  },
  fork: {
    action: "execution.fork",
    target: made("execution"),
    after: executionFacts,
    asked: ([, id, request]) => ({ id, ...request }),
    hasRecord: true,
  },
  startSaga: {
    action: "execution.start",
    target: made("execution"),
    after: executionFacts,
    asked: ([{ workflowId, version }, { triggerData }]) => ({ workflowId, version, triggerData }),
    hasRecord: true,
  },
  resumeCompensation: {
    action: "execution.resume_compensation",
    target: of("execution"),
    before: executionState,
    after: executionFacts,
    asked: nothing,
  },
  skipCompensation: {
    action: "execution.skip_compensation",
    target: of("execution"),
    before: executionState,
    after: (execution, [, , skip]) => ({ ...executionFacts(execution), ...skip }),
    asked: ([, , options]) => options,
  },
  cancel: {
    action: "execution.cancel",
    target: of("execution"),
    before: executionState,
    after: (execution, [, , options]) => ({ ...executionFacts(execution), ...options }),
    asked: ([, , options]) => options,
  },
  pause: {
    action: "execution.pause",
    target: of("execution"),
    before: executionState,
    after: executionFacts,
    asked: nothing,
  },
  resume: {
    action: "execution.resume",
    target: of("execution"),
    before: executionState,
    after: executionFacts,
    asked: nothing,
  },
  sendEvent: {
    action: "execution.send_event",
    target: of("execution"),
    before: executionState,
    after: ({ execution, delivered }, [, , event]) => ({ ...executionFacts(execution), event, delivered }),
    asked: ([, , event]) => event,
  },
  retryStep: {
    action: "step.retry",
    target: of("step"),
    after: ({ execution }) => executionFacts(execution),
    asked: nothing,
  },
  skipStep: {
    action: "step.skip",
    target: of("step"),
    after: ({ execution, step }) => ({ ...executionFacts(execution), step: step.name, output: step.output }),
    asked: ([, , options]) => options,
  },
  approveStep: {
    action: "step.approve",
    target: of("step"),
    after: ({ execution, step }) => ({ ...executionFacts(execution), step: step.name, output: step.output }),
    asked: ([, , decision]) => decision,
  },
};

/** Which executions it was stands in the report. */
export const batchChanges: Changes<ExecutionBatches> = {
  cancel: {
    action: "executions.cancel",
    target: nothing,
    after: (report, [, { filter, dryRun }, options]) => ({ filter, dryRun, ...options, ...report }),
    asked: ([, request, options]) => ({ ...request, ...options }),
  },
  retry: {
    action: "executions.retry",
    target: nothing,
    after: (report, [, { filter, dryRun }]) => ({ filter, dryRun, ...report }),
    asked: ([, request]) => request,
  },
  delete: {
    action: "executions.delete",
    target: nothing,
    after: (report, [, { filter, dryRun }]) => ({ filter, dryRun, ...report }),
    asked: ([, request]) => request,
  },
};

export const retentionChanges: Changes<RetentionService> = {
  delete: {
    action: "execution.delete",
    target: of("execution"),
    before: async (retention, [tenantId, id]) => executionFacts(await retention.get(tenantId, id)),
    after: (removed) => ({ executions: removed.length }),
    asked: nothing,
  },
  hold: { action: "execution.hold", target: of("execution"), asked: ([, , input]) => input },
  release: { action: "execution.release", target: of("execution"), after: nothing, asked: nothing },
};

export const keyChanges: Changes<KeyService> = {
  create: {
    action: "api_key.create",
    target: (_, result) => result && `api_key:${result.key.id}`,
    after: ({ key }) => key,
    asked: ([{ name, scopes, expiresAt }]) => ({ name, scopes, expiresAt }),
  },
  rotate: {
    action: "api_key.rotate",
    target: of("api_key"),
    before: stored,
    after: ({ key, old }) => ({ old, new: key }),
    asked: ([, , graceSeconds]) => ({ graceSeconds }),
  },
  revoke: { action: "api_key.revoke", target: of("api_key"), before: stored, asked: nothing },
};

export const scheduleChanges: Changes<ScheduleService> = {
  create: { action: "schedule.create", target: made("schedule"), asked: ([, input]) => input },
  update: {
    action: "schedule.update",
    target: of("schedule"),
    before: stored,
    asked: ([, , input]) => input,
  },
  pause: { action: "schedule.pause", target: of("schedule"), before: stored, asked: nothing },
  resume: { action: "schedule.resume", target: of("schedule"), before: stored, asked: nothing },
  remove: { action: "schedule.delete", target: of("schedule"), before: stored, asked: nothing },
  backfill: { action: "schedule.backfill", target: of("schedule"), asked: ([, , range]) => range },
};

export const fileChanges: Changes<FileService> = {
  upload: {
    action: "file.upload",
    target: made("file"),
    after: fileFacts,
    asked: ([, { filename }]) => ({ filename }),
  },
  process: { action: "file.process", target: of("file"), after: fileFacts, asked: nothing },
  convert: {
    action: "file.convert",
    target: of("file"),
    after: fileFacts,
    asked: ([, , { target }]) => ({ target }),
  },
  request: { action: "file.request", target: of("file"), after: fileFacts, asked: ([, , task]) => ({ ...task }) },
  remove: {
    action: "file.delete",
    target: of("file"),
    before: async (files, [tenantId, id]) => fileFacts(await files.get(tenantId, id)),
    after: fileFacts,
    asked: nothing,
  },
};

export const hookChanges: Changes<HookService> = {
  create: {
    action: "hook.create",
    target: (_, result) => result && `hook:${result.hook.id}`,
    after: ({ hook }) => hook,
    asked: ([, input]) => input,
  },
  update: {
    action: "hook.update",
    target: of("hook"),
    before: stored,
    asked: ([, , input]) => input,
  },
  rotate: {
    action: "hook.rotate",
    target: of("hook"),
    before: stored,
    after: ({ hook }) => hook,
    asked: ([, , input]) => input,
  },
  remove: {
    action: "hook.delete",
    target: of("hook"),
    before: stored,
    after: nothing,
    asked: nothing,
  },
  receive: {
    action: "hook.call",
    target: ([token], execution) => (execution ? `execution:${execution.id}` : `token:${shownToken(token)}`),
    after: executionFacts,
    asked: nothing,
    hasRecord: true,
  },
};

export const deliveryChanges: Changes<DeliveryService> = {
  resend: { action: "webhook_delivery.resend", target: of("webhook_delivery"), asked: nothing },
};
