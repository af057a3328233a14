import type { CompensationStatus, ExecutionStatus, StepStatus, TriggerType } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const ExecutionStatusEnum = enumeration<ExecutionStatus>("ExecutionStatus", "Where an execution stands.", {
  pending: "Stored, not begun.",
  running: "A step is in hand.",
  waiting: "Every open step waits: for a time, an event, an approval or another execution.",
  paused: "Held by request; resumeExecution lets it go on.",
  compensating: "Given up; what was done is being undone.",
  completed: "Over: every step is settled.",
  failed: "Over: a step failed for good.",
  timed_out: "Over: it took longer than the workflow's limit.",
  cancelled: "Over: by request.",
});

export const CompensationStatusEnum = enumeration<CompensationStatus>(
  "CompensationStatus",
  "How the undoing of an execution's work stands.",
  {
    none: "Nothing was to be undone.",
    running: "It is under way.",
    completed: "All that had to be undone is.",
    failed: "A compensation failed for good: a person must look.",
  },
);

export const StepStatusEnum = enumeration<StepStatus>("StepStatus", "Where a step stands.", {
  pending: "To be begun again, after a retry by hand.",
  running: "An attempt is under way.",
  waiting: "It waits; `waitingOn` says what for.",
  completed: "Done; `output` holds the result.",
  failed: "Failed for good; `error` says why.",
  skipped:
    "Not done: its `if` was false, or it was skipped by hand; then `output` may hold what was given in its place.",
  cancelled: "Stopped with its execution.",
});

export const StepRoleEnum = enumeration<"action" | "compensation">("StepRole", "What a step is there for.", {
  action: "It does the work of the definition.",
  compensation: "It undoes another step.",
});

export const TriggerTypeEnum = enumeration<TriggerType>("TriggerType", "What started an execution.", {
  manual: "A request.",
  scheduled: "The workflow's schedule.",
  file_upload: "An uploaded file.",
  webhook: "A webhook.",
  event: "An event.",
});
