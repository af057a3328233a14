import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, type makeServer } from "graphql-ws";
import type { WebSocket } from "ws";
import { correlationIdOf } from "../../correlation.ts";
import type { Logger } from "../../log.ts";
import type { Sink } from "../live/sink.ts";
import { Outlet } from "../outlet.ts";
import { SocketSink } from "./socket-sink.ts";

/** A client that asks without end and never reads the answers is cut off when so much waits for it. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** What the protocol knows of a socket. */
export interface Connection {
  /** What opened the socket: asked again for each operation. */
  credentials: Readonly<Record<string, unknown>>;
  /** Those of the upgrade that may carry a key. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of the upgrade. */
  readonly correlationId: string;
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
  logger: Logger,
): void {
  const { authorization, "x-api-key": apiKey } = request.headers;
  const outlet = new Outlet(stream);
  const connection: Connection = {
    credentials: {},
    headers: { authorization, "x-api-key": apiKey },
    correlationId: correlationIdOf(request),
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
      onMessage: (take) =>
        socket.on("message", (data) => {
          if (stream.writableLength > MAX_UNREAD_BYTES) return socket.terminate();
          take(String(data)).catch((error: unknown) => {
            logger.error({ err: error }, "fault in a message over WebSocket");
            socket.close(CloseCode.InternalServerError, "Internal server error");
          });
        }),
    },
    connection,
  );
  // A frame that is too large or broken: `ws` closes the socket by itself.
  socket.on("error", () => {});
  socket.once("close", (code, reason) => {
    closed(code, String(reason)).catch((error: unknown) => {
      logger.error({ err: error }, "fault in closing a WebSocket");
    });
  });
}
