import type { FileRecord } from "../files/index.ts";
import { DomainError } from "../model/index.ts";
import type { WorkflowRow } from "../store/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import type { ExecutionService } from "./execution-service.ts";

interface TriggerPorts {
  readonly workflows: Pick<WorkflowService, "onUpload">;
  readonly executions: Pick<ExecutionService, "start">;
}

/** Starts every workflow that asks for uploads like this file; each once for a task, however often this runs. */
export async function startOnUpload(
  { workflows, executions }: TriggerPorts,
  file: FileRecord,
  taskId: number,
): Promise<void> {
  const { id, tenantId, filename, extension } = file;
  const asking = (await workflows.onUpload(tenantId)).filter((workflow) => asksFor(workflow, extension));
  for (const workflow of asking) {
    await executions
      .start({
        tenantId,
        workflowId: workflow.id,
        triggerType: "file_upload",
        triggerData: { file_id: id, filename, file_extension: extension, trigger_type: "file_upload" },
        idempotencyKey: `file:${id}:${taskId}`,
      })
      .catch((error: unknown) => {
        if (!isNotStartable(error)) throw error;
      });
  }
}

/** Extensions are matched whole: `doc` does not ask for `docx`. */
function asksFor({ triggerFileExtensions }: Pick<WorkflowRow, "triggerFileExtensions">, extension: string): boolean {
  const wanted = (triggerFileExtensions ?? "")
    .toLowerCase()
    .split(",")
    .map((one) => one.trim().replace(/^\./, ""));
  const named = wanted.filter((one) => one !== "");
  return named.length === 0 || named.includes(extension);
}

/** It was disabled or deleted since it was looked up. */
function isNotStartable(error: unknown): boolean {
  return (
    error instanceof DomainError && (error.code === "WORKFLOW_NOT_EXECUTABLE" || error.code === "WORKFLOW_NOT_FOUND")
  );
}
