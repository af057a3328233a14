import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";

const TEXT = 1;
const PING = 9;
const PONG = 10;

/** Masked with zeros: the text stays as it is. */
function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const long = payload.length > 125;
  const head = Buffer.from([0x80 | opcode, 0x80 | (long ? 126 : payload.length), ...(long ? [0, 0] : []), 0, 0, 0, 0]);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Where a subscriber connects, and what it says. */
export interface Subscription {
  readonly path: string;
  /** Sent once the socket is open, and when that was acknowledged; null: the server sends by itself. */
  readonly opening: { readonly init: unknown; readonly subscribe: unknown } | null;
}

/**
 * A WebSocket that only counts: with a whole client for each of a thousand subscribers, it is the clients that are
 * measured. Calls `received` with the number of messages, and the text of one of them.
 */
export function subscribe(
  port: number,
  { path, opening }: Subscription,
  received: (count: number, last: () => string) => void,
): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
  );
  const ready = Promise.withResolvers<Socket>();
  let state: "upgrading" | "opening" | "open" = "upgrading";
  let rest = Buffer.alloc(0);
  const upgraded = (): void => {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return;
    rest = rest.subarray(end + 4);
    state = opening === null ? "open" : "opening";
    if (opening === null) ready.resolve(socket);
    else socket.write(frame(TEXT, JSON.stringify({ type: "connection_init", payload: opening.init })));
  };
  socket.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (state === "upgrading") upgraded();
    if (state === "upgrading") return;
    let at = 0;
    let count = 0;
    let last = [0, 0];
    while (rest.length - at >= 2) {
      const short = rest[at + 1]!;
      const head = short === 126 ? 4 : 2;
      if (rest.length - at < head) break;
      const length = short === 126 ? rest.readUInt16BE(at + 2) : short;
      if (rest.length - at < head + length) break;
      const opcode = rest[at]! & 0x0f;
      if (opcode === PING) socket.write(frame(PONG, ""));
      else if (opcode !== TEXT)
        ready.reject(new Error(`closed: ${rest.toString("utf8", at + head, at + head + length)}`));
      else if (state === "open") {
        count += 1;
        last = [at + head, at + head + length];
      } else {
        state = "open";
        socket.write(frame(TEXT, JSON.stringify({ id: randomUUID(), type: "subscribe", payload: opening!.subscribe })));
        ready.resolve(socket);
      }
      at += head + length;
    }
    if (count > 0) {
      const now = rest;
      received(count, () => now.toString("utf8", last[0], last[1]));
    }
    rest = rest.subarray(at);
  });
  socket.once("error", ready.reject);
  return ready.promise;
}
