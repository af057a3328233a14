import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { after, before, mock, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { Batch } from "../../../live/index.ts";
import { Outlet } from "../outlet.ts";
import { Heartbeat } from "./heartbeat.ts";
import { SocketSink } from "./socket-sink.ts";

const http = createServer();
const sockets = new WebSocketServer({ noServer: true });
const opened: { socket: WebSocket; stream: Duplex }[] = [];

before(async () => {
  http.on("upgrade", (request, stream, head) =>
    sockets.handleUpgrade(request, stream, head, (socket) => {
      opened.push({ socket, stream });
      sockets.emit("opened");
    }),
  );
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
});
after(() => {
  for (const { socket } of opened) socket.terminate();
  http.close();
});

/** Both ends of a connection. */
async function connect() {
  const server = once(sockets, "opened");
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const messages: unknown[] = [];
  let arrived = (): void => {};
  client.on("message", (data) => {
    messages.push(JSON.parse(String(data)));
    arrived();
  });
  await Promise.all([server, once(client, "open")]);
  const got = async (count: number): Promise<unknown[]> => {
    while (messages.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
    return messages;
  };
  return { ...opened.at(-1)!, client, got };
}

const json = (length: number): string => JSON.stringify("é".repeat(Math.ceil(length / 2)).slice(0, length));

test("a batch arrives as messages of the protocol, whatever the lengths and the id, between those of ws itself", async () => {
  const { socket, stream, got } = await connect();
  const outlet = new Outlet(stream);
  // Around where the header of a frame grows, and where frames are shared instead of copied.
  const lengths = [0, 1, 60, 61, 62, 63, 64, 65, 80, 125, 126, 8_000, 16_000, 33_000, 65_400, 65_500, 65_536, 200_000];
  const expected: unknown[] = [];
  for (const id of ["1", "b6a0fbd0-6c2a-4c88-9d0e-7d1f6a8f5e21", 'ü "\\\n', ""]) {
    const sink = new SocketSink(socket, outlet, id);
    for (const length of lengths) {
      const results = [json(length), json(3)].map((text, i) => ({ position: i, json: text }));
      sink.send(new Batch(results));
      socket.send(JSON.stringify({ by: "ws" }));
      for (const { json: text } of results) expected.push({ id, type: "next", payload: JSON.parse(text) });
      expected.push({ by: "ws" });
    }
  }
  assert.deepEqual(await got(expected.length), expected);
});

test("the bytes of a batch are made once for all ids of a length", async () => {
  const { socket, stream, got } = await connect();
  const outlet = new Outlet(stream);
  const batch = new Batch([{ position: 1, json: "1" }]);
  const encoded = mock.method(batch, "encoded");
  for (const id of ["a", "b", "c"]) new SocketSink(socket, outlet, id).send(batch);
  const ids = (await got(3)).map((message) => (message as { id: string }).id);
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.deepEqual(new Set(encoded.mock.calls.map(({ result }) => result)).size, 1);
});

test("nothing is written after the closing frame, or to a connection that is gone", async () => {
  const { socket, stream, client } = await connect();
  const sink = new SocketSink(socket, new Outlet(stream), "1");
  const closed = once(client, "close");
  socket.close(4403, "Forbidden");
  sink.send(new Batch([{ position: 1, json: "1" }]));
  assert.equal((await closed)[0], 4403);
  assert.equal(sink.isOpen, false);
  await sink.ready();
});

test("a peer that answers no pings is cut, one that does is kept", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const heartbeat = new Heartbeat();
  try {
    const [alive, dead] = [await connect(), await connect()];
    heartbeat.add(alive.socket);
    heartbeat.add(dead.socket);
    dead.client.pause();
    const cut = once(dead.socket, "close");
    for (let beat = 1; beat <= 4; beat++) {
      const answered = once(alive.socket, "pong");
      mock.timers.tick(12_000);
      await answered;
    }
    await cut;
    assert.equal(alive.socket.readyState, WebSocket.OPEN);
    dead.client.terminate();
  } finally {
    heartbeat.stop();
    mock.timers.reset();
  }
});
