import type { Batch } from "./batch.ts";

/** Where a subscriber's results go: one operation on one connection. */
export interface Sink {
  /** False once the connection is gone. */
  readonly isOpen: boolean;
  /** Whether it takes a batch now. One that is sent regardless is kept in memory. */
  readonly isReady: boolean;
  /** Resolves when it is ready, or gone. */
  ready(): Promise<void>;
  send(batch: Batch): void;
}
