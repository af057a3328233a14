import type { EngineLogger } from "../model/index.ts";

/** Somebody who floods a broker must not flood the log as well. */
const TELL_EVERY_MS = 60_000;

/** Counts what came over the bus and was none of ours. */
export class RefusedMessages {
  count = 0;
  private told = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly log: EngineLogger) {}

  add(channel: string, reason: "seal" | "form"): void {
    this.count += 1;
    const now = performance.now();
    if (now - this.toldAt < TELL_EVERY_MS) return;
    const fields = { channel, reason, refused: this.count - this.told };
    this.toldAt = now;
    this.told = this.count;
    this.log(
      "warning",
      "Messages on the bus were refused: they are not from this installation, or of another form",
      fields,
    );
  }
}
