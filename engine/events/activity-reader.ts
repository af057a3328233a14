import type { Bus } from "../bus/index.ts";
import type { ExecutionStatus } from "../model/index.ts";
import type { ActivityItem, ExecutionChange } from "./activity.ts";
import { Latch } from "./latch.ts";
import { endable, type LiveReader, type Positioned } from "./live-source.ts";

/** Changes kept for a reader that is behind. One more, and it is told that it missed some. */
const MAX_BUFFERED = 256;
/** Whoever cannot keep up is told so once in this time, and reads its lists again: not more often. */
const OVERLOAD_PAUSE_MS = 1_000;

/** One count for all readers: whoever changes from one to another is behind the first item of the new one. */
let lastPosition = 0;

export interface ActivityTopic {
  readonly channel: string;
  /** Null: any. */
  readonly statuses: readonly ExecutionStatus[] | null;
}

/**
 * Changes of the channel's executions as they are committed. The first item says that from here on none is missed; a
 * later one of that kind, that some were: whatever was read before has to be read again.
 */
export function readActivity(bus: Bus, topic: ActivityTopic): LiveReader<ActivityItem> {
  const buffer = new Buffered(topic.statuses && new Set(topic.statuses));
  return endable(generate(bus, topic.channel, buffer), () => buffer.close());
}

export const resync = (): ActivityItem => ({ kind: "resync", at: Date.now() });

function positioned(value: ActivityItem): Positioned<ActivityItem> {
  lastPosition += 1;
  return { position: lastPosition, value };
}

async function* generate(
  bus: Bus,
  channel: string,
  buffer: Buffered,
): AsyncGenerator<readonly Positioned<ActivityItem>[], void, undefined> {
  const subscription = await bus.subscribe(
    channel,
    (message) => buffer.push(message as ExecutionChange),
    () => buffer.lose(),
  );
  try {
    while (!buffer.latch.closed) {
      yield (await buffer.take()).map(positioned);
      await buffer.latch.raised();
    }
  } finally {
    subscription.unsubscribe();
    buffer.close();
  }
}

class Buffered {
  readonly latch = new Latch();
  private items: ActivityItem[] = [];
  private isLost = true;
  private isOverloaded = false;
  private endPause = (): void => {};

  constructor(private readonly statuses: ReadonlySet<ExecutionStatus> | null) {}

  push(change: ExecutionChange): void {
    if (this.isLost || (this.statuses && !this.statuses.has(change.status))) return;
    if (this.items.length >= MAX_BUFFERED) {
      this.isOverloaded = true;
      this.lose();
    } else {
      this.items.push(change);
      this.latch.raise();
    }
  }

  lose(): void {
    this.isLost = true;
    this.items = [];
    this.latch.raise();
  }

  async take(): Promise<readonly ActivityItem[]> {
    if (this.isOverloaded) await this.rest();
    if (this.isLost) {
      this.isLost = false;
      return [resync()];
    }
    const { items } = this;
    this.items = [];
    return items;
  }

  close(): void {
    this.latch.close();
    this.endPause();
  }

  private async rest(): Promise<void> {
    this.isOverloaded = false;
    if (this.latch.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, OVERLOAD_PAUSE_MS);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
