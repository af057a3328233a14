import { channels } from "../bus/index.ts";
import { type ExecutionRecord, isExecutionOver } from "../model/index.ts";
import { patiently } from "../runtime/index.ts";
import { readExecution } from "../store/index.ts";
import type { EventSource } from "./event-reader.ts";
import { Latch } from "./latch.ts";
import { endable, type LiveReader, type Positioned } from "./live-source.ts";

/**
 * An execution as it is, then again after each change, until it is over. What changes while one is read is in the next
 * one: a burst of changes costs one read. Positions are those of its events.
 */
export function readSnapshots(source: EventSource, executionId: number): LiveReader<ExecutionRecord> {
  const changed = new Latch();
  return {
    ...endable(generate(source, executionId, changed), () => changed.close()),
    refresh: () => changed.raise(),
  };
}

async function* generate(
  { bus, pool }: EventSource,
  executionId: number,
  changed: Latch,
): AsyncGenerator<readonly Positioned<ExecutionRecord>[], void, undefined> {
  const raise = () => changed.raise();
  const subscription = await bus.subscribe(channels.execution(executionId), raise, raise);
  try {
    while (!changed.closed) {
      const record = await patiently(
        () => readExecution(pool, executionId),
        () => changed.closed,
      );
      if (record === null) return;
      yield [{ position: record.lastSeq, value: record }];
      if (isExecutionOver(record.status)) return;
      await changed.raised();
    }
  } finally {
    subscription.unsubscribe();
  }
}
