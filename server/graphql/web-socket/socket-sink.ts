import { WebSocket } from "ws";
import type { Batch, Sink } from "../../../live/index.ts";
import type { Outlet } from "../outlet.ts";
import { framesOf, idBytes, withId } from "./frames.ts";

/**
 * One operation of a WebSocket. Writes whole frames to the connection below it: `ws` would frame the same bytes again for
 * each subscriber. That goes well because `ws` writes each frame of its own in one turn too, without compression.
 */
export class SocketSink implements Sink {
  private readonly id: Buffer;

  constructor(
    private readonly socket: WebSocket,
    private readonly outlet: Outlet,
    operationId: string,
  ) {
    this.id = idBytes(operationId);
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN && this.outlet.isOpen;
  }

  get isReady(): boolean {
    return this.outlet.isReady;
  }

  ready(): Promise<void> {
    return this.outlet.ready();
  }

  send(batch: Batch): void {
    // After the closing frame there must be none.
    if (!this.isOpen) return;
    const frames = framesOf(batch, this.id.length);
    if (frames.kind === "copied") {
      this.outlet.write(withId(frames, this.id));
      return;
    }
    for (const { head, tail } of frames.parts) {
      const own = Buffer.from(head);
      own.set(this.id, head.length - this.id.length);
      this.outlet.writeTogether(own, tail);
    }
  }
}
