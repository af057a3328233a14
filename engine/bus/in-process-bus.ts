import type { Bus, Subscription } from "./bus.ts";

/** For one process: listeners in a map, called at once. */
export class InProcessBus implements Bus {
  private readonly listeners = new Map<string, Set<(message: unknown) => void>>();

  publish(channel: string, message: unknown): void {
    const listeners = this.listeners.get(channel);
    if (listeners) for (const listener of listeners) listener(message);
  }

  async subscribe(channel: string, listener: (message: unknown) => void): Promise<Subscription> {
    const listeners = this.listeners.get(channel) ?? new Set();
    this.listeners.set(channel, listeners);
    // The same function may listen twice.
    const own = (message: unknown): void => listener(message);
    listeners.add(own);
    return {
      unsubscribe: () => {
        listeners.delete(own);
        if (listeners.size === 0 && this.listeners.get(channel) === listeners) this.listeners.delete(channel);
      },
    };
  }

  async close(): Promise<void> {
    this.listeners.clear();
  }
}
