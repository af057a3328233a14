import type { FastifyReply, FastifyRequest } from "fastify";
import type { ExecutionResult } from "graphql";
import type { Response, ResponseInit } from "graphql-sse";
import { plainHeaders } from "../../../edge/index.ts";
import { fenced } from "../../../engine/index.ts";
import type { Sink } from "../../../live/index.ts";
import { refuse } from "../authenticated.ts";
import { Outlet } from "../outlet.ts";
import { EventSink } from "./event-sink.ts";

const HEAD: ResponseInit["headers"] = {
  ...plainHeaders,
  // A server that stops would wait for what might still come over it.
  connection: "close",
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Nginx would gather events until its buffer is full.
  "x-accel-buffering": "no",
};

/** A response that stays open. */
export class EventStream {
  readonly sink: Sink;
  private readonly response: FastifyReply["raw"];

  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    this.response = reply.raw;
    // What is written to a response that has ended meanwhile: the stream is over all the same.
    this.response.on("error", () => this.response.destroy());
    this.sink = new EventSink(new Outlet(this.response), () => this.begin());
  }

  onClose(listener: () => void): void {
    // The client may have gone while its key was looked up.
    if (this.response.closed) listener();
    else this.response.once("close", fenced("event stream", listener));
  }

  /** Writes what graphql-sse has to say: an answer, or the beginning, the pings and the end around what the sink sends. */
  async carry([body, { status, statusText, headers }]: Response): Promise<void> {
    if (body === null || typeof body === "string") {
      this.reply.headers(headers ?? {});
      await refuse(this.reply, status, messageOf(body) ?? statusText, "BAD_REQUEST");
      return;
    }
    this.begin();
    // The client has gone: the operation ends, and so does the loop.
    this.onClose(() => void body.return(undefined));
    for await (const text of body) this.response.write(text);
    this.response.end();
  }

  end(): void {
    this.response.end();
  }

  /** The key is valid no more: coming back is answered with 401. */
  cut(): void {
    this.response.destroy();
  }

  private begin(): void {
    if (this.response.headersSent) return;
    this.reply.hijack();
    const { "x-correlation-id": correlationId = this.request.id } = this.reply.getHeaders();
    this.response.writeHead(200, { ...HEAD, "x-correlation-id": String(correlationId) });
  }
}

/** What graphql-sse says against a request, in the form of GraphQL errors without a code. */
function messageOf(body: string | null): string | undefined {
  if (body === null || !body.startsWith("{")) return undefined;
  return (JSON.parse(body) as ExecutionResult).errors?.[0]?.message;
}
