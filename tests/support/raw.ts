import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to `http://host:port` that sends what it is told, be it HTTP or not. */
export async function rawConnection(address: string): Promise<RawConnection> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return new RawConnection(socket);
}

export class RawConnection {
  readonly closed: Promise<void>;
  private text = "";
  private arrival = Promise.withResolvers<void>();

  constructor(readonly socket: Socket) {
    // That it is cut is what many are for.
    socket.on("error", () => {});
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      this.text += chunk;
      this.arrival.resolve();
      this.arrival = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
  }

  get received(): string {
    return this.text;
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Until something that matches has come. Rejects when the connection closes before that. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.socket.destroyed) throw new Error(`closed before ${pattern}: ${this.text.slice(0, 500)}`);
      await Promise.race([this.arrival.promise, this.closed]);
    }
  }
}

/** A request's head; with a length, for a body that is still to come. */
export function headOf(line: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
