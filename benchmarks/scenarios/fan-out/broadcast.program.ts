import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { type FanOutServer, measureFanOut, stamp } from "./measure.ts";

/** `ws` alone: a text of the same size is made once and sent to everybody. No protocol, no cursor, no keys. */
async function serve(): Promise<FanOutServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const audiences = new Map<number, Set<WebSocket>>();
  server.on("connection", (socket, { url }) => {
    const execution = Number(url!.slice(1));
    const audience = audiences.get(execution) ?? new Set();
    audiences.set(execution, audience);
    audience.add(socket);
    socket.once("close", () => audience.delete(socket));
  });
  let seq = 0;
  return {
    port: (server.address() as AddressInfo).port,
    subscription: (execution) => ({ path: `/${execution}`, opening: null }),
    greeting: 0,
    publish: (execution) => {
      seq += 1;
      const event = { seq, type: "STEP_COMPLETED", stepName: stamp(), at: new Date().toISOString() };
      const message = {
        id: "00000000-0000-0000-0000-000000000000",
        type: "next",
        payload: { data: { executionEvents: event } },
      };
      const bytes = Buffer.from(JSON.stringify(message));
      for (const socket of audiences.get(execution) ?? []) socket.send(bytes, { binary: false });
    },
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

console.log(JSON.stringify(await measureFanOut(await serve())));
process.exit();
