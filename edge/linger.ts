import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** How long what is still on its way of a request that has been answered is let in. */
const LINGER_MS = 2_000;

/** Reads on, to nowhere, so that the client gets to see the answer; one that does not stop then is cut off. */
export function endSoon(request: IncomingMessage): void {
  if (request.complete) return;
  request.unpipe();
  cutLater(request);
}

/** The same for a connection that has no request: these are its last words. */
export function endWith(stream: Duplex, lastWords: string): void {
  stream.end(lastWords);
  cutLater(stream);
}

function cutLater(stream: IncomingMessage | Duplex): void {
  stream.resume();
  const timer = setTimeout(() => stream.destroy(), LINGER_MS).unref();
  stream.once("close", () => clearTimeout(timer));
}
