import type { WorkflowStatus } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const WorkflowStatusEnum = enumeration<WorkflowStatus>("WorkflowStatus", "Where a workflow stands.", {
  active: "It can be executed, and its triggers fire.",
  inactive: "It is out of use; it cannot be executed.",
  paused: "It is out of use for a while; it cannot be executed.",
  deleted: "It is gone; only its executions still show it.",
});
