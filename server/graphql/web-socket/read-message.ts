import { CloseCode } from "graphql-ws";
import type { WebSocket } from "ws";
import { LARGE, parseLargeJson, type TenantId } from "../../../engine/index.ts";
import { boundOfVariables } from "../limits.ts";

/** It parses texts, and takes what is parsed already as it is. */
type Take = (message: string) => Promise<void>;

const bound = boundOfVariables("payload", "variables");

/**
 * Gives messages to the protocol in the order in which they came. A large one is parsed in a thread; until that is done
 * nothing more is read from the socket, and what had been read waits.
 */
export function messageReader(
  socket: WebSocket,
  tenantId: () => TenantId,
  take: Take,
): (data: Buffer) => void | Promise<void> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function parsed(data: Buffer): Promise<unknown> {
    if (data.length <= LARGE) return String(data);
    const { problem, json } = await parseLargeJson(data, { tenantId: tenantId(), bound });
    // A key that reaches a prototype is refused where its value is looked at.
    if (problem === null || problem === "poisoned") return json;
    socket.close(CloseCode.BadRequest, "Invalid message received");
    return null;
  }

  return (data) => {
    if (waiting === 0 && data.length <= LARGE) return take(String(data));
    if (waiting === 0) socket.pause();
    waiting += 1;
    const turn = last.then(() => parsed(data));
    last = turn
      .catch(() => {})
      .then(() => {
        waiting -= 1;
        if (waiting === 0) socket.resume();
      });
    // Not awaited by the next: a subscription goes on for as long as it likes.
    return turn.then((message) => (message === null ? undefined : take(message as string)));
  };
}
