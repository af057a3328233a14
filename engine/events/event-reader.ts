import type pg from "pg";
import { type ExecutionEvent, endingEvents } from "../execution/events.ts";
import { isExecutionOver } from "../execution/status.ts";
import { readEvents, readExecution } from "../store/executions.ts";
import { type Bus, channels } from "./bus.ts";

const PAGE_SIZE = 500;
/** Live events kept for a reader that is behind. One more, and it reads Postgres again: nothing is lost. */
const MAX_BUFFERED = 256;

/**
 * Every event of an execution after `after`, in order, without a gap, once; ends after the event that ends the
 * execution. Subscribes first, then reads Postgres, then drains what came in meanwhile: a hole, or a gap that the bus
 * tells of, means read again.
 */
export function readExecutionEvents(
  source: EventSource,
  executionId: number,
  after: number,
): AsyncIterableIterator<ExecutionEvent> {
  const buffer = new Buffered();
  const events = generate(source, executionId, after, buffer);
  return {
    next: () => events.next(),
    // A generator that waits does not hear of return(): wake it first.
    return: () => {
      buffer.end();
      return events.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface EventSource {
  readonly pool: pg.Pool;
  readonly bus: Bus;
}

async function* generate(
  source: EventSource,
  executionId: number,
  after: number,
  buffer: Buffered,
): AsyncGenerator<ExecutionEvent, void, undefined> {
  const subscription = await source.bus.subscribe(
    channels.execution(executionId),
    (message) => buffer.push(message as ExecutionEvent),
    () => buffer.lose(),
  );
  try {
    let cursor = after;
    for (;;) {
      // What is buffered up to here will be read from Postgres as well.
      buffer.clear();
      let last: ExecutionEvent | undefined;
      for (let page: ExecutionEvent[]; ; ) {
        page = await readEvents(source.pool, executionId, cursor, PAGE_SIZE);
        for (const event of page) {
          yield event;
          cursor = event.seq;
          last = event;
        }
        if (page.length < PAGE_SIZE) break;
      }
      if (last ? ends(last) : await isOver(source.pool, executionId, cursor)) return;
      for (let live = true; live; ) {
        for (const event of buffer.take()) {
          if (event.seq <= cursor) continue;
          if (event.seq !== cursor + 1) {
            live = false;
            break;
          }
          yield event;
          cursor = event.seq;
          if (ends(event)) return;
        }
        if (live) live = await buffer.more();
        if (buffer.ended) return;
      }
    }
  } finally {
    subscription.unsubscribe();
    buffer.end();
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
  private events: ExecutionEvent[] = [];
  ended = false;
  private lost = false;
  private wake: (() => void) | null = null;

  push(event: ExecutionEvent): void {
    if (this.events.length >= MAX_BUFFERED) this.lose();
    else if (!this.lost) {
      this.events.push(event);
      this.wake?.();
      this.wake = null;
    }
  }

  /** What is here is no longer all there is. */
  lose(): void {
    this.lost = true;
    this.events = [];
    this.wake?.();
    this.wake = null;
  }

  clear(): void {
    this.events = [];
    this.lost = false;
  }

  take(): ExecutionEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  /** Waits for the next event. False when some were dropped. */
  async more(): Promise<boolean> {
    if (this.events.length === 0 && !this.lost && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return !this.lost;
  }

  end(): void {
    this.ended = true;
    this.wake?.();
    this.wake = null;
  }
}
