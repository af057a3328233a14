import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { fenced } from "../engine/index.ts";
import type { Edge } from "./edge.ts";
import { plainHeaders } from "./headers.ts";
import { endWith } from "./linger.ts";

const refusals: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The headers are too large" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "The request took too long to arrive" },
};

/** Answers what is no HTTP: there is no request yet, and so neither path nor correlation id. */
export function refuseBrokenRequest(edge: Edge) {
  return fenced(
    "clientError",
    (error: Error & { code?: string }, socket: Socket) => {
      // The client went away, or an answer is under way already.
      if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return void socket.destroy();
      edge.note(error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "slow" : "broken");
      endWith(socket, refusalOf(error));
    },
    (_error, socket) => socket.destroy(),
  );
}

function refusalOf(error: { readonly code?: string }): string {
  const { status, detail } = refusals[error.code ?? ""] ?? { status: 400, detail: "This is not an HTTP request" };
  const body = JSON.stringify({
    detail,
    timestamp: new Date().toISOString(),
    path: "",
    error_code: "VALIDATION_FAILED",
  });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...Object.entries(plainHeaders).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
