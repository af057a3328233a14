import type { Runnable } from "../store/index.ts";

/**
 * Brings executions to a worker. A message means only "this execution can make progress": the worker claims it in
 * Postgres before it touches it, so a message may come twice, or late, and nothing breaks.
 */
export interface Dispatcher {
  /** `at`: ms since the epoch, in the past for now. `known`: what would have to be looked up. */
  enqueue(executionId: number, at: number, known?: Runnable): void;
  /** Begins to feed the consumer, with everything that was left unfinished first. */
  start(consumer: Consumer): Promise<void>;
  /** The consumer has room again. */
  capacityFreed(): void;
  /** No execution is handed out after this. */
  stop(): Promise<void>;
}

export interface Consumer {
  /** It is the worker of the database now, and nothing was handed out yet. */
  arrive(): Promise<void>;
  /** Keeps room for this execution, of which the id will come in `take`; false: there is none for its tenant now. */
  admit(runnable: Runnable): boolean;
  /** Whether it has the execution in hand; then a message is only a poke, and needs no room. */
  holds(executionId: number): boolean;
  take(executionIds: readonly number[]): void;
  /** Another worker has taken over: nothing in hand is this one's any more. */
  letGoOfAll(): void;
}
