import { type Bus, channels } from "../bus/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Dispatcher } from "./dispatcher.ts";

/**
 * For a process without a worker: tells the one that has it over the bus. The message is a hint, as everything on the
 * bus: what is lost is found by the worker's own look at Postgres.
 */
export class RemoteDispatcher implements Dispatcher {
  constructor(
    private readonly bus: Bus,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  enqueue(executionId: number, at: number): void {
    // What is due later is a row with a time, and the worker's timers find it.
    if (at <= this.clock.now()) this.bus.publish(channels.executionRunnable, executionId);
  }

  async start(): Promise<void> {}

  capacityFreed(): void {}

  async stop(): Promise<void> {}
}
