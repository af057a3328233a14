import type { ExecutionSummary, Page, Window } from "../../engine/index.ts";
import { Connection, connectionType } from "../relay/connection.ts";
import { Execution } from "./execution.ts";

export const ExecutionConnection = connectionType("Execution", () => Execution, "newest first");

export function executionConnection(page: Page<ExecutionSummary>, window: Window, count: () => Promise<number>) {
  return new Connection({
    page,
    window,
    keyOf: (record) => record.id,
    toNode: (record) => new Execution(record),
    count,
  });
}
