import type { SagaStatus, SagaStepStatus } from "../../saga/index.ts";
import { enumeration } from "../enumeration.ts";

export const SagaStatusEnum = enumeration<SagaStatus>("SagaStatus", "Where a saga stands.", {
  pending: "Stored, not begun.",
  running: "It works, waits or is paused.",
  completed: "Over: every step is settled.",
  compensating: "Given up; what was done is being undone.",
  compensated: "Over: it failed, and all that had to be undone is.",
  failed: "Over: it failed with nothing to undo, or undoing failed; `compensationStatus` tells which.",
  cancelled: "Over: by request.",
});

export const SagaStepStatusEnum = enumeration<SagaStepStatus>(
  "SagaStepStatus",
  "Where a step of a saga stands, its undoing included.",
  {
    pending: "Not begun.",
    running: "An attempt is under way, or it waits.",
    completed: "Done.",
    failed: "Failed for good.",
    skipped: "Not done: its `if` was false, or a step that it needs was skipped or failed.",
    cancelled: "Stopped with its saga.",
    compensating: "It is being undone.",
    compensated: "It is undone.",
    compensation_failed: "Undoing it failed for good: resumeCompensation or skipCompensation goes on.",
  },
);
