import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 200;

/** Asks a probe all the time; tells how long it let wait. */
export class LiveWatch {
  slowestMs = 0;
  /** Answers that it did not give while something listened. */
  failures = 0;
  private isOn = true;
  private readonly watching: Promise<void>;

  constructor(address: () => string) {
    this.watching = this.watch(address);
  }

  async end(): Promise<void> {
    this.isOn = false;
    await this.watching;
  }

  private async watch(address: () => string): Promise<void> {
    while (this.isOn) {
      const begun = performance.now();
      try {
        const response = await fetch(`${address()}/live`, { signal: AbortSignal.timeout(60_000) });
        await response.text();
        this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
      } catch {
        // Nobody listens: it has been killed.
        this.failures += 1;
      }
      await sleep(EVERY_MS);
    }
  }
}
