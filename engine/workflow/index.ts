export { Plans } from "./plans.ts";
export type { Workflow } from "./workflow.ts";
export { workflowInput, workflowPatch } from "./workflow-input.ts";
export { WorkflowService } from "./workflow-service.ts";
