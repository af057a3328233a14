import type { ExecutionSummary, Page } from "../../engine/index.ts";
import { Connection, connectionType } from "../relay/connection.ts";
import type { ListWindow } from "../relay/page-args.ts";
import { Execution } from "./execution.ts";

export const ExecutionConnection = connectionType("Execution", () => Execution, "newest first");

export function executionConnection(page: Page<ExecutionSummary>, window: ListWindow, count: () => Promise<number>) {
  return new Connection({
    page,
    window,
    keyOf: (record) => record.id,
    toNode: (record) => new Execution(record),
    count,
  });
}
