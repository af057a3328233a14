import { connect } from "node:net";
import fc from "fast-check";
import type { Scenario } from "../scenario.ts";

const CONNECTIONS = 400;
/** Of connections that say nothing more, or nothing at all. */
const HALF_OPEN = 50;
const AT_ONCE = 20;
const ANSWER_MS = 200;

const UPGRADE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
const text = fc.string({ unit: "binary", maxLength: 200 });
const path = fc.oneof(
  fc.constantFrom("//", "/", "*", "http://[", "/graphql", "/graphql?%", "/api/v1/files/1/extract", "/%00", "/..%2f"),
  text.map((odd) => `/${odd}`),
);
const method = fc.oneof(fc.constantFrom("GET", "POST", "PUT", "CONNECT", "TRACE", "PRI"), text);
const header = fc.oneof(
  fc.constantFrom(
    UPGRADE,
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Content-Length: -1\r\n",
    "Expect: 100-continue\r\n",
    "Host: \r\n",
    "Authorization: Bearer \r\n",
    "Range: bytes=-99999999999\r\n",
    "Content-Type: multipart/form-data; boundary=\r\n",
  ),
  fc.tuple(text, text).map(([name, value]) => `${name}: ${value}\r\n`),
);
const request = fc
  .tuple(method, path, fc.array(header, { maxLength: 6 }), text)
  .map(([verb, target, headers, body]) => Buffer.from(`${verb} ${target} HTTP/1.1\r\n${headers.join("")}\r\n${body}`));
/** A handshake that succeeds, and then frames of anything. */
const frames = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) =>
    Buffer.concat([
      Buffer.from(`GET /graphql HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n${UPGRADE}\r\n`),
      bytes,
    ]),
  );
const input = fc.oneof(request, frames, fc.uint8Array({ maxLength: 500 }).map(Buffer.from));

export const fuzzedPorts: Scenario = {
  name: "fuzzed ports",
  fault: `${CONNECTIONS} connections of seeded nonsense to each port (request lines, headers, frames), ${HALF_OPEN} of them left half open`,
  seen: "Refusals at the level debug; connections that say nothing are ended.",
  isShort: true,
  async inflict(world) {
    const inputs = fc.sample(input, { seed: world.seed, numRuns: CONNECTIONS });
    // The one that ended the process once.
    inputs.push(Buffer.from(`GET // HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`));
    for (const address of [world.address, world.sagaAddress]) {
      const port = Number(new URL(address).port);
      let next = 0;
      const sender = async (): Promise<void> => {
        while (next < inputs.length) {
          const turn = next++;
          await send(port, inputs[turn]!, turn < HALF_OPEN);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
    }
    return 0;
  },
};

/** Resolves when it is answered, closed, or has had a moment. One that is half open is left to the service for a while. */
function send(port: number, bytes: Buffer, isHalfOpen: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const over = (): void => {
      if (!isHalfOpen) socket.destroy();
      resolve();
    };
    socket
      .on("error", over)
      .on("close", over)
      .on("data", () => {});
    setTimeout(over, ANSWER_MS).unref();
    if (isHalfOpen) setTimeout(() => socket.destroy(), 50 * ANSWER_MS).unref();
  });
}
