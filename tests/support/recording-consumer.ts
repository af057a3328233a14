import type { Consumer } from "../../engine/dispatch/dispatcher.ts";
import { steadyClock } from "../../engine/runtime/clock.ts";
import type { Runnable } from "../../engine/store/runnable.ts";

/** Takes what it is given, up to its room, and says when it has been given something. */
export class RecordingConsumer implements Consumer {
  readonly taken: number[][] = [];
  /** ms since the epoch, of each id that was given. */
  readonly takenAt = new Map<number, number>();
  readonly held = new Set<number>();
  private readonly admitted = new Set<number>();
  private waiters: (() => void)[] = [];

  constructor(public capacity = 1_000) {}

  async arrive(): Promise<void> {}

  admit({ id }: Runnable): boolean {
    if (this.held.size + this.admitted.size >= this.capacity) return false;
    this.admitted.add(id);
    return true;
  }

  holds(id: number): boolean {
    return this.held.has(id);
  }

  take(ids: readonly number[]): void {
    this.taken.push([...ids]);
    for (const id of ids) {
      this.admitted.delete(id);
      this.held.add(id);
      this.takenAt.set(id, steadyClock.now());
    }
    for (const wake of this.waiters.splice(0)) wake();
  }

  letGoOfAll(): void {
    this.held.clear();
  }

  get ids(): number[] {
    return this.taken.flat();
  }

  /** Resolves once `count` ids were given, the same one again included. */
  async given(count: number): Promise<void> {
    while (this.ids.length < count) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }
}
