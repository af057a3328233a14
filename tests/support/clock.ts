/** A scheduler's time that stands still until a test moves it. */
export class TestClock {
  private time: number;
  private readonly timers = new Set<{ at: number; run: () => Promise<void> }>();

  constructor(start: string) {
    this.time = new Date(start).getTime();
  }

  now(): number {
    return this.time;
  }

  at(at: number, run: () => Promise<void>): () => void {
    const timer = { at, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** When timers are due, in order. */
  get armed(): string[] {
    return [...this.timers].map(({ at }) => new Date(at).toISOString()).sort();
  }

  /** Moves on, from timer to timer; those of one instant run side by side. Resolves when what they did is done. */
  async moveTo(to: string): Promise<void> {
    const end = new Date(to).getTime();
    for (;;) {
      const at = Math.min(...[...this.timers].map((timer) => timer.at));
      if (at > end) break;
      this.time = Math.max(this.time, at);
      const due = [...this.timers].filter((timer) => timer.at === at);
      for (const timer of due) this.timers.delete(timer);
      await Promise.all(due.map((timer) => timer.run()));
    }
    this.time = end;
  }

  /** Time passes with nobody there: no timer runs. */
  jumpTo(to: string): void {
    this.time = new Date(to).getTime();
  }
}
