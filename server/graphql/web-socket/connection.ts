import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, type makeServer } from "graphql-ws";
import type { RawData, WebSocket } from "ws";
import { correlationIdOf, type Edge } from "../../../edge/index.ts";
import { fenced, NOBODY, type TenantId } from "../../../engine/index.ts";
import type { Sink } from "../../../live/index.ts";
import { Outlet } from "../outlet.ts";
import { messageReader } from "./read-message.ts";
import { SocketSink } from "./socket-sink.ts";

/** A client that asks without end and never reads the answers is cut off when so much waits for it. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** What a socket may send before its key is known: the key, and a few words around it. */
const MAX_BYTES_BEFORE_KEY = 16 * 1024;

/** What the protocol knows of a socket. */
export interface Connection {
  /** What opened the socket: asked again for each operation. */
  credentials: Readonly<Record<string, unknown>>;
  /** The upgrade. */
  readonly request: IncomingMessage;
  readonly correlationId: string;
  /** It is known whose it is: from now on it may send more. */
  admit(tenantId: TenantId): void;
  close(code: number, reason: string): void;
  onClose(listener: () => void): void;
  sink(operationId: string): Sink;
}

/** Puts a socket into the hands of the protocol. */
export function connect(
  protocol: ReturnType<typeof makeServer<Record<string, unknown>, Connection>>,
  socket: WebSocket,
  stream: Duplex,
  request: IncomingMessage,
  edge: Edge,
): void {
  const endLimit = limitUntilAdmitted(stream, edge);
  let tenantId = NOBODY;
  const outlet = new Outlet(stream);
  const connection: Connection = {
    credentials: {},
    request,
    correlationId: correlationIdOf(request),
    admit: (ofKey) => {
      tenantId = ofKey;
      endLimit();
    },
    close: (code, reason) => socket.close(code, reason),
    onClose: (listener) => {
      if (socket.readyState === socket.CLOSED) listener();
      else socket.once("close", listener);
    },
    sink: (operationId) => new SocketSink(socket, outlet, operationId),
  };
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the system has taken it: until then a query counts as an operation of the socket.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
          else resolve();
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => {
        const read = messageReader(socket, () => tenantId, take);
        const receive = (data: RawData): void | Promise<void> => {
          if (stream.writableLength > MAX_UNREAD_BYTES) return socket.terminate();
          return read(data as Buffer);
        };
        const lose = () => socket.close(CloseCode.InternalServerError, "Internal server error");
        socket.on("message", fenced("message over WebSocket", receive, lose));
      },
    },
    connection,
  );
  // A frame that is too large or broken: `ws` closes the socket by itself.
  socket.on("error", () => {});
  socket.once(
    "close",
    fenced("close of a WebSocket", (code, reason) => closed(code, String(reason))),
  );
}

/** @returns what ends the limit */
function limitUntilAdmitted(stream: Duplex, edge: Edge): () => void {
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > MAX_BYTES_BEFORE_KEY) edge.cut(stream, "too_much_before_key");
  };
  stream.on("data", count);
  return () => void stream.off("data", count);
}
