import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket } from "ws";
import { channels } from "../engine/bus/bus.ts";
import { MAX_UNSENT_BYTES } from "../server/graphql/limits.ts";
import { TENANT } from "./support/engine.ts";
import { domainLog, executionLog, type LogPort } from "./support/live-logs.ts";

const EXECUTION = 5_000_000;
const EVENTS = 20_000;
/** 40 MB in all: far beyond what the system's own buffers take. */
const NAME_LENGTH = 2_000;
/** Of 40 MB: the unsent bytes, a page from Postgres and what the test itself keeps. */
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;

interface Log {
  readonly open: () => Promise<LogPort>;
  readonly query: string;
  /** Before the first event. */
  begin(port: LogPort): Promise<void>;
  /** Stored, and published as they are committed; short where it is published: only the first hundreds are kept. */
  append(port: LogPort, from: number, to: number): Promise<void>;
}

const logs: Record<string, Log> = {
  executionEvents: {
    open: executionLog.open,
    query: `subscription { executionEvents(executionId: "ex_${EXECUTION}") { cursor: seq stepName data } }`,
    begin: async ({ t }) => {
      await t.pool.query(
        `INSERT INTO execution (uid, id, tenant_id, workflow_id, workflow_version, status, compensation_status, trigger_type,
           trigger_data, depth, epoch, last_seq, created_at)
         VALUES (gen_random_uuid(), $1, $2, 1, 1, 'paused', 'none', 'manual', '{}', 0, 0, 1, now())`,
        [EXECUTION, TENANT],
      );
    },
    append: async ({ t }, from, to) => {
      await t.pool.query(
        `INSERT INTO execution_event (execution_id, seq, type, step_id, data, at)
         SELECT $1, seq, 'step.completed', 1, json_build_object('name', repeat('x', $4::int), 'output', seq), now()
         FROM generate_series($2::int, $3::int) AS seq`,
        [EXECUTION, from, to, NAME_LENGTH],
      );
      await t.pool.query("UPDATE execution SET last_seq = $2 WHERE id = $1", [EXECUTION, to]);
      for (let seq = from; seq <= to; seq++) {
        const data = { name: "x".repeat(NAME_LENGTH), output: seq };
        const event = { executionId: EXECUTION, seq, type: "step.completed", stepId: 1, data, at: 1 };
        t.engine.bus.publish(channels.execution(EXECUTION), event);
        if (seq % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  domainEvents: {
    open: domainLog.open,
    query: "subscription { domainEvents { cursor: position data } }",
    begin: async ({ t }) => {
      await t.pool.query("INSERT INTO domain_event_counter (tenant_id, position) VALUES ($1, 0)", [TENANT]);
    },
    append: async ({ t }, from, to) => {
      await t.pool.query(
        `INSERT INTO domain_event (tenant_id, position, id, type, aggregate_type, aggregate_id, stream, version, data,
           metadata, at)
         SELECT $1, position, gen_random_uuid(), 'test', 'test', '1', 'test-1', position,
           json_build_object('name', repeat('x', $4::int)), '{}', now()
         FROM generate_series($2::int, $3::int) AS position`,
        [TENANT, from, to, NAME_LENGTH],
      );
      await t.pool.query("UPDATE domain_event_counter SET position = $2 WHERE tenant_id = $1", [TENANT, to]);
      t.engine.bus.publish(channels.domainEvents(TENANT), to);
    },
  },
};

/** After garbage has gone. */
async function heapBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  for (let i = 0; i < 3; i++) {
    (runInNewContext("gc") as () => void)();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

for (const [field, { open, query, begin, append }] of Object.entries(logs)) {
  describe(`of ${field}`, () => {
    let port: LogPort;
    before(async () => {
      port = await open();
      await begin(port);
      await append(port, 1, 1);
    });
    after(() => port.close());

    test("a paused reader with 20,000 events behind it costs a bounded buffer, and then gets them all", async () => {
      const socket = new WebSocket(`${port.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
      await once(socket, "open");
      const cursors: number[] = [];
      let waiting = (): void => {};
      socket.on("message", (bytes) => {
        const message = JSON.parse(String(bytes));
        if (message.type === "connection_ack")
          socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
        if (message.type !== "next") return;
        cursors.push(message.payload.data[field].cursor);
        waiting();
      });
      const got = async (count: number): Promise<void> => {
        while (cursors.length < count) {
          await new Promise<void>((resolve) => {
            waiting = resolve;
          });
        }
      };
      socket.send(JSON.stringify({ type: "connection_init", payload: { apiKey: port.secret } }));
      await got(1);
      const before = await heapBytes();

      socket.pause();
      for (let from = 2; from <= EVENTS; from += 500) {
        await append(port, from, Math.min(from + 499, EVENTS));
        for (const { writableLength } of port.sockets) {
          // A page of large events may come on top.
          assert.ok(writableLength < MAX_UNSENT_BYTES + 65_536 * 2, `${writableLength} bytes wait`);
        }
      }
      const growth = (await heapBytes()) - before;
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more`);
      assert.ok(cursors.length < EVENTS / 2, `it has read ${cursors.length}`);

      socket.resume();
      await got(EVENTS);
      assert.deepEqual(
        cursors,
        Array.from({ length: EVENTS }, (_, i) => i + 1),
      );
      socket.terminate();
    });

    test("so does an event stream that nobody reads", async () => {
      const before = await heapBytes();
      const url = `${port.address}/graphql/stream?query=${encodeURIComponent(query)}`;
      const headers = { accept: "text/event-stream", authorization: `Bearer ${port.secret}` };
      const [response] = (await once(get(url, { headers, agent: false }), "response")) as [IncomingMessage];
      const backedUp = () => [...port.sockets].some(({ writableLength }) => writableLength >= MAX_UNSENT_BYTES);
      while (!backedUp()) await new Promise((resolve) => setImmediate(resolve));
      for (const { writableLength } of port.sockets) assert.ok(writableLength < MAX_UNSENT_BYTES + 65_536 * 2);
      const growth = (await heapBytes()) - before;
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more`);

      let expected = 1;
      for await (const line of createInterface(response)) {
        if (!line.startsWith("id: ")) continue;
        assert.equal(line, `id: ${expected}`);
        if (++expected > EVENTS) break;
      }
      response.destroy();
      assert.equal(expected, EVENTS + 1);
    });
  });
}
