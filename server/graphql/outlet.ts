import type { Writable } from "node:stream";
import { fenced } from "../../engine/index.ts";
import { MAX_UNSENT_BYTES } from "./limits.ts";

/** The way out of one connection, shared by all that is subscribed to on it: tells when it is backed up. */
export class Outlet {
  private waiting: (() => void)[] = [];

  constructor(private readonly stream: Writable) {
    const wake = fenced("outlet", () => this.wake());
    stream.on("drain", wake);
    stream.once("close", wake);
  }

  get isOpen(): boolean {
    return this.stream.writable;
  }

  get isReady(): boolean {
    return this.stream.writableLength < MAX_UNSENT_BYTES || !this.isOpen;
  }

  /** Who has waited looks again: others may have filled it meanwhile. */
  async ready(): Promise<void> {
    while (!this.isReady) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  }

  write(bytes: Uint8Array): void {
    this.stream.write(bytes);
  }

  /** As one write to the system. */
  writeTogether(first: Uint8Array, second: Uint8Array): void {
    this.stream.cork();
    this.stream.write(first);
    this.stream.write(second);
    this.stream.uncork();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
