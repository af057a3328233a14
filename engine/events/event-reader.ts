import type pg from "pg";
import { type Bus, channels } from "../bus/index.ts";
import { type ExecutionEvent, endingEvents, isExecutionOver } from "../model/index.ts";
import { patiently } from "../runtime/index.ts";
import { readEvents, readExecution } from "../store/index.ts";
import { Latch } from "./latch.ts";
import { endable, LOG_PAGE } from "./live-source.ts";

/** Live events kept for a reader that is behind. One more, and it reads Postgres again: nothing is lost. */
const MAX_BUFFERED = 256;

export interface EventSource {
  readonly pool: pg.Pool;
  readonly bus: Bus;
}

/** What is stored after a position. `isLast`: there was no more at that moment. */
export function readEventPage({ pool }: Pick<EventSource, "pool">, executionId: number, after: number) {
  return readEvents(pool, executionId, after, LOG_PAGE);
}

/** As `readEventBatches`, one by one. */
export function readExecutionEvents(
  source: EventSource,
  executionId: number,
  after: number,
): AsyncIterableIterator<ExecutionEvent> {
  const batches = readEventBatches(source, executionId, after);
  const events = (async function* () {
    for await (const batch of batches) yield* batch;
  })();
  return endable(events, () => batches.return());
}

/**
 * Every event of an execution after `after`, in order, without a gap, once; ends after the event that ends the
 * execution. Subscribes first, then reads Postgres, then drains what came in meanwhile: a hole, or a gap that the bus
 * tells of, means read again.
 */
export function readEventBatches(source: EventSource, executionId: number, after: number) {
  const buffer = new Buffered();
  return endable(generate(source, executionId, after, buffer), () => buffer.latch.close());
}

async function* generate(
  source: EventSource,
  executionId: number,
  after: number,
  buffer: Buffered,
): AsyncGenerator<readonly ExecutionEvent[], void, undefined> {
  const subscription = await source.bus.subscribe(
    channels.execution(executionId),
    (message) => (message === null ? buffer.lose() : buffer.push(message as ExecutionEvent)),
    () => buffer.lose(),
  );
  try {
    let cursor = after;
    // A stream outlives the database's absence, and goes on where it was.
    const isClosed = () => buffer.latch.closed;
    for (;;) {
      // What is buffered up to here will be read from Postgres as well.
      buffer.clear();
      let last: ExecutionEvent | undefined;
      for (let isLast = false; !isLast; ) {
        const page = await patiently(() => readEventPage(source, executionId, cursor), isClosed);
        isLast = page.isLast;
        last = page.events.at(-1) ?? last;
        cursor = last?.seq ?? cursor;
        if (page.events.length > 0) yield page.events;
      }
      if (last ? ends(last) : await patiently(() => isOver(source.pool, executionId, cursor), isClosed)) return;
      for (let isWhole = true; isWhole; ) {
        const events = buffer.take(cursor);
        cursor = events.at(-1)?.seq ?? cursor;
        if (events.length > 0) yield events;
        if (events.length > 0 && ends(events.at(-1)!)) return;
        isWhole = await buffer.more();
        if (buffer.latch.closed) return;
      }
    }
  } finally {
    subscription.unsubscribe();
    buffer.latch.close();
  }
}

function ends(event: ExecutionEvent): boolean {
  return endingEvents.includes(event.type);
}

async function isOver(pool: pg.Pool, executionId: number, cursor: number): Promise<boolean> {
  const execution = await readExecution(pool, executionId);
  return execution === null || (isExecutionOver(execution.status) && execution.lastSeq <= cursor);
}

/** A bounded buffer between the bus and one reader. */
class Buffered {
  readonly latch = new Latch();
  private events: ExecutionEvent[] = [];
  private isLost = false;

  push(event: ExecutionEvent): void {
    if (this.events.length >= MAX_BUFFERED) this.lose();
    else if (!this.isLost) {
      this.events.push(event);
      this.latch.raise();
    }
  }

  /** What is here is no longer all there is. */
  lose(): void {
    this.isLost = true;
    this.events = [];
    this.latch.raise();
  }

  clear(): void {
    this.events = [];
    this.isLost = false;
  }

  /** What follows the cursor without a hole, up to the first end: the reader ends there. */
  take(cursor: number): readonly ExecutionEvent[] {
    const taken: ExecutionEvent[] = [];
    let next = cursor + 1;
    for (const event of this.events) {
      if (event.seq < next) continue;
      if (event.seq > next) {
        this.lose();
        break;
      }
      taken.push(event);
      next += 1;
      if (ends(event)) break;
    }
    this.events = [];
    return taken;
  }

  /** Waits for the next event. False when some were dropped. */
  async more(): Promise<boolean> {
    if (this.events.length === 0 && !this.isLost && !this.latch.closed) await this.latch.raised();
    return !this.isLost;
  }
}
