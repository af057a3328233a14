import type { Cause } from "../../engine/index.ts";
import type { DomainEvent, KnownEventType } from "./domain-event.ts";

/** They tell that something failed, or is being undone because it did. */
const failures: readonly string[] = [
  "workflow.failed",
  "saga.failed",
  "saga.step_failed",
  "saga.compensating",
  "saga.compensated",
] satisfies readonly KnownEventType[];

/** How what this event starts came to be. Clients write metadata, too: what is odd in it counts as nothing. */
export function causeOf({ type, metadata }: DomainEvent): Cause {
  const { depth, execution_id: executionId } = metadata;
  return {
    executionId: isCount(executionId) ? executionId : null,
    depth: (isCount(depth) ? depth : 0) + 1,
    afterFailure: failures.includes(type) || metadata.after_failure === true,
  };
}

/**
 * What a failure has started fails: that starts nothing. Two handlers of failures that fail would start each other for ever,
 * and in ever greater numbers.
 */
export function isFailureOfHandler({ type, metadata }: Pick<DomainEvent, "type" | "metadata">): boolean {
  return metadata.after_failure === true && failures.includes(type);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
