import { type Bus, channels } from "../bus/index.ts";
import { type ExecutionEvent, type ExecutionRecord, endingEvents, type Observer } from "../model/index.ts";
import type { Probe } from "../runtime/index.ts";
import { changeOf } from "./activity.ts";

interface PublisherOptions {
  readonly bus: Bus;
  readonly observer: Observer | undefined;
  readonly probe: Probe | undefined;
}

/** Tells of what a commit has stored: whoever follows the execution, its workflow or its tenant, and the observer. */
/** Tells of events that are committed, in their order. */
export type Publish = (execution: ExecutionRecord, events: readonly ExecutionEvent[]) => void;

export function createPublisher({ bus, observer, probe }: PublisherOptions): Publish {
  const hint = oncePerTurn(() => bus.publish(channels.journal, null));
  return (execution, events) => {
    probe?.("publish.before");
    for (const event of events) {
      bus.publish(channels.execution(execution.id), told(event));
      const change = changeOf(execution, event);
      if (change === null) continue;
      bus.publish(channels.workflow(execution.workflowId), change);
      bus.publish(channels.tenant(execution.tenantId), change);
    }
    probe?.("publish.after");
    hint();
    if (observer) tell(observer, execution, events);
  };
}

function told(event: ExecutionEvent): ExecutionEvent {
  if (event.sealed === undefined) return event;
  const { sealed: _, ...rest } = event;
  return rest as ExecutionEvent;
}

/** A flush of many executions is one thing to tell of. */
function oncePerTurn(work: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      work();
    });
  };
}

function tell(observer: Observer, execution: ExecutionRecord, events: readonly ExecutionEvent[]): void {
  for (const { type } of events) {
    if (type === "execution.created") observer.executionStarted(execution);
    else if (endingEvents.includes(type)) observer.executionEnded(execution);
  }
}
