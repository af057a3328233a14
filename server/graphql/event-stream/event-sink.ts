import type { Batch, Result, Sink } from "../../../live/index.ts";
import type { Outlet } from "../outlet.ts";

/** One operation of an event stream. All streams of a topic are written the same bytes. */
export class EventSink implements Sink {
  constructor(
    private readonly outlet: Outlet,
    /** Sends the head of the response, unless that was done. */
    private readonly begin: () => void,
  ) {}

  get isOpen(): boolean {
    return this.outlet.isOpen;
  }

  get isReady(): boolean {
    return this.outlet.isReady;
  }

  ready(): Promise<void> {
    return this.outlet.ready();
  }

  send(batch: Batch): void {
    if (!this.isOpen) return;
    this.begin();
    this.outlet.write(batch.encoded("event-stream", encode));
  }
}

/** The position goes with each as its id, so that a browser sends it as Last-Event-ID when it comes back. */
function encode(results: readonly Result[]): Buffer {
  return Buffer.from(results.map(({ position, json }) => `id: ${position}\nevent: next\ndata: ${json}\n\n`).join(""));
}
