export { Plans } from "./plans.ts";
export { workflowInput, workflowPatch } from "./workflow-input.ts";
export { type Workflow, WorkflowService } from "./workflow-service.ts";
