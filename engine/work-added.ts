import { type Bus, channels } from "./bus/index.ts";

/** Rows for the workers of files and webhooks, which run where executions do: those here are woken, or those elsewhere. */
export class WorkAdded {
  private readonly workers: { wake(): void }[] = [];

  constructor(private readonly bus: Bus) {}

  readonly tell = (): void => {
    if (this.workers.length === 0) this.bus.publish(channels.workAdded, null);
    for (const worker of this.workers) worker.wake();
  };

  /** From now on these are woken, also by what other processes add. */
  async wakes(...workers: readonly { wake(): void }[]): Promise<void> {
    this.workers.push(...workers);
    await this.bus.subscribe(channels.workAdded, this.tell);
  }
}
