export { type Attempt, attemptsOf } from "./attempts.ts";
export { broadcast } from "./broadcast.ts";
export { childExecutions, resultOf } from "./children.ts";
export {
  approvalInput,
  cancelInput,
  forkInput,
  sendEventInput,
  skipCompensationInput,
  skipInput,
  startInput,
} from "./command-input.ts";
export { type Cause, DEFAULT_DESCENDANT_LIMIT, Descendants, MAX_DEPTH, payDescendant } from "./descendants.ts";
export { type BatchReport, type BatchRequest, ExecutionBatches } from "./execution-batches.ts";
export { type ExecutionFilter, ExecutionQueries, type OwnedStep } from "./execution-queries.ts";
export { ExecutionService } from "./execution-service.ts";
export type { ForkRequest } from "./execution-starts.ts";
export { observedInvoke, probedInvoke } from "./invoke.ts";
export { hasValues } from "./match.ts";
export { Places } from "./place.ts";
export type { RunPorts } from "./ports.ts";
export { ExecutionRun } from "./run.ts";
export { executionTexts } from "./texts.ts";
export { startOnUpload } from "./upload-triggers.ts";
export { Worker } from "./worker.ts";
