import type { Batch } from "./batch.ts";
import type { Sink } from "./sink.ts";
import type { Topic } from "./topic.ts";

/** The cursor of one that has got nothing yet, where the source knows no cursors. */
export const NOTHING_YET = -1;

/**
 * Follows a topic: in its group as long as it keeps up, otherwise by itself. The cursor says what it has been sent, so
 * it can change from one to the other at any moment without a gap and without a repeat.
 */
export class Subscriber {
  /** Settles when there is nothing more to come. */
  readonly ended: Promise<void>;
  isOver = false;
  private readonly end = Promise.withResolvers<void>();

  constructor(
    private readonly topic: Topic,
    readonly sink: Sink,
    public cursor: number,
  ) {
    this.ended = this.end.promise;
    // Who has left does not look any more.
    this.ended.catch(() => {});
  }

  /** Until it has joined the group, or is over. */
  async follow(): Promise<void> {
    try {
      while (!this.isOver && this.sink.isOpen) {
        if (!this.sink.isReady) await this.sink.ready();
        else if (await this.topic.bring(this)) return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Of the group. False: it is behind, and goes on by itself. */
  offer(batch: Batch): boolean {
    if (batch.last <= this.cursor) return true;
    if (!this.sink.isReady) {
      void this.follow();
      return false;
    }
    this.send(batch.after(this.cursor));
    return true;
  }

  send(batch: Batch): void {
    this.sink.send(batch);
    this.cursor = batch.last;
  }

  finish(): void {
    this.isOver = true;
    this.end.resolve();
  }

  fail(error: unknown): void {
    this.isOver = true;
    this.end.reject(error);
  }
}
