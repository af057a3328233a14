import type { WebSocket } from "ws";
import { fenced } from "../../../engine/index.ts";

/** Proxies commonly cut a connection that is silent for a minute. */
const BEAT_MS = 12_000;
/** A slow connection may have a lot to bring before the answer. */
const MAX_UNANSWERED = 2;

/** Pings every socket, and cuts those that answer no more. One timer for all of them. */
export class Heartbeat {
  private readonly unanswered = new Map<WebSocket, number>();
  private readonly timer = setInterval(
    fenced("heartbeat", () => this.beat()),
    BEAT_MS,
  ).unref();

  add(socket: WebSocket): void {
    this.unanswered.set(socket, 0);
    const isAlive = (): void => {
      this.unanswered.set(socket, 0);
    };
    socket.on("pong", isAlive);
    socket.on("message", isAlive);
    socket.once("close", () => {
      socket.off("pong", isAlive);
      socket.off("message", isAlive);
      this.unanswered.delete(socket);
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    for (const [socket, unanswered] of this.unanswered) {
      if (unanswered >= MAX_UNANSWERED) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        this.unanswered.set(socket, unanswered + 1);
        socket.ping();
      }
    }
  }
}
