/** Something has changed: remembered until somebody looks, however often it was told. */
export class Latch {
  private isRaised = false;
  private isClosed = false;
  private wake: (() => void) | null = null;

  get closed(): boolean {
    return this.isClosed;
  }

  raise(): void {
    this.isRaised = true;
    this.wake?.();
    this.wake = null;
  }

  /** Nobody waits any more. */
  close(): void {
    this.isClosed = true;
    this.raise();
  }

  /** Resolves when it is raised, which lowers it; at once when it already is. */
  async raised(): Promise<void> {
    if (!this.isRaised) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.isRaised = false;
  }
}
