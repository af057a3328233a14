import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { createClient, type Client as WsClient } from "graphql-ws";
import { WebSocket } from "ws";
import { tenantNamed } from "../engine/model/tenant.ts";
import { collect } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";
import { type Followed, type LogPort, liveLogs, sseClient, wsClient } from "./support/live-logs.ts";

const SUBSCRIBERS = 20;
const log = (name: string) => ({ name, type: "log", config: { message: "x" } });
const approval = { name: "sign_off", type: "wait_for_event", config: { approval: true, message: "ok?" } };
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

for (const { field, query, foreignCode, open, follow } of liveLogs) {
  describe(`the subscription ${field}`, { timeout: 120_000 }, () => {
    let port: LogPort;
    const clients: WsClient[] = [];
    before(async () => {
      port = await open({}, { operationsPerSocket: 3 });
    });
    after(async () => {
      for (const client of clients) await client.dispose();
      await port.close();
    });

    /** A graphql-ws client that tells what the server says against it. */
    const plainClient = (secret = port.secret): WsClient => {
      const client = createClient({
        url: `${port.address.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { apiKey: secret },
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    };

    /** It has told a few things, and waits for `approve`. */
    const waiting = async (): Promise<Followed & { approve(): Promise<number> }> => {
      const followed = await port.run([log("one"), log("two"), log("three"), approval, log("after")]);
      const { executionId } = followed;
      await port.t.reached(executionId, "execution.waiting");
      const approve = async (): Promise<number> => {
        const steps = await port.t.engine.executions.steps(TENANT, executionId);
        const { id } = steps.find(({ name }) => name === approval.name)!;
        await port.t.engine.executions.approveStep(TENANT, id, { approved: true, by: null, comment: null });
        return followed.over();
      };
      return { ...followed, approve };
    };

    /** As a browser would read it. */
    const stream = async (variables: object, headers: Record<string, string> = {}): Promise<IncomingMessage> => {
      const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      const options = {
        headers: { accept: "text/event-stream", authorization: `Bearer ${port.secret}`, ...headers },
        agent: false,
      };
      return (await once(get(`${port.address}/graphql/stream?${search}`, options), "response"))[0];
    };

    const refusedWith = (code: string) => (errors: { extensions: { code: string } }[]) =>
      errors[0]?.extensions.code === code;

    for (const [name, create] of [
      ["graphql-ws", wsClient],
      ["graphql-sse", sseClient],
    ] as const) {
      test(`goes on with ${name}'s own client where a cut connection stopped`, async () => {
        const { approve, ...followed } = await waiting();
        const client = create(port);
        const positions: number[] = [];
        let end: Promise<number> | undefined;
        for await (const position of follow(client, followed)) {
          positions.push(position);
          if (positions.length <= 3) for (const socket of port.sockets) socket.destroy();
          else end ??= approve();
        }
        assert.ok(positions.length > 4);
        assert.deepEqual(positions, range(followed.after + 1, await end!));
        client.dispose();
      });
    }

    test("has the position of each event as its id in an event stream, and goes on after Last-Event-ID", async () => {
      const { approve, after: from, variables } = await waiting();
      await approve();
      const response = await stream({ ...variables, after: from }, { "last-event-id": String(from + 2) });
      let expected = from + 3;
      for await (const line of createInterface(response)) {
        if (!line.startsWith("id: ")) continue;
        assert.equal(line, `id: ${expected}`);
        if (++expected > from + 5) break;
      }
      response.destroy();
      assert.equal(expected, from + 6);
    });

    test("refuses a cursor from elsewhere on both transports", async () => {
      const { variables } = await waiting();
      for (const cursor of [-1, 100_000]) {
        const payload = { query, variables: { ...variables, after: cursor } };
        await assert.rejects(collect(plainClient(), payload), refusedWith("VALIDATION_FAILED"));
      }
      const refused = await stream({ ...variables, after: 0 }, { "last-event-id": "12345678901" });
      assert.match((await refused.setEncoding("utf8").toArray()).join(""), /VALIDATION_FAILED/);
      const broken = await stream({ ...variables, after: 0 }, { "last-event-id": "x" });
      assert.equal(broken.resume().statusCode, 400);
    });

    test("is read once for all who subscribe alike", async () => {
      const { approve, ...followed } = await waiting();
      const live = () => Object.values(port.t.engine.load().subscriptions).reduce((sum, count) => sum + count);
      while (live() > 0) await new Promise((resolve) => setImmediate(resolve));
      let begun = 0;
      let most = 0;
      const read = async (n: number): Promise<number[]> => {
        const client = n % 4 === 0 ? sseClient(port) : wsClient(port);
        const positions: number[] = [];
        for await (const position of follow(client, followed)) {
          positions.push(position);
          if (positions.length === 4 && ++begun === SUBSCRIBERS) await approve();
          most = Math.max(most, live());
        }
        client.dispose();
        return positions;
      };
      const [whole, ...others] = await Promise.all(range(1, SUBSCRIBERS).map(read));
      assert.deepEqual(whole, range(followed.after + 1, followed.after + whole!.length));
      for (const positions of others) assert.deepEqual(positions, whole);
      // Two of them are the waits of the test itself.
      assert.ok(most >= 1 && most <= 3, `${most} readers`);
    });

    test("shows a key nothing of another tenant, and needs the scope READ", async () => {
      const { variables } = await waiting();
      const payload = { query, variables: { ...variables, after: 1 } };
      const foreign = plainClient(await port.keyFor(tenantNamed("other"), "read"));
      await assert.rejects(collect(foreign, payload), refusedWith(foreignCode));
      const unable = plainClient(await port.keyFor(TENANT, "execute"));
      await assert.rejects(collect(unable, payload), refusedWith("FORBIDDEN"));
    });

    test("ends with the key that opened it", async () => {
      const { variables, after: from } = await waiting();
      const { key, secret } = await port.t.engine.keys.create({
        tenantId: TENANT,
        name: "short",
        scopes: ["read"],
        expiresAt: null,
      });
      const client = plainClient(secret);
      const closed = new Promise<{ code: number }>((resolve) =>
        client.on("closed", (event) => resolve(event as { code: number })),
      );
      const iterator = client.iterate({ query, variables: { ...variables, after: from } });
      await iterator.next();
      const rest = iterator.next();
      rest.catch(() => {});
      await port.t.engine.keys.revoke(TENANT, key.id);
      assert.equal((await closed).code, 4403);
    });

    test("counts as one of the operations of its socket", async () => {
      const { variables, after: from } = await waiting();
      const client = plainClient();
      const payload = { query, variables: { ...variables, after: from } };
      const iterators = [1, 2, 3].map(() => client.iterate(payload));
      for (const iterator of iterators) await iterator.next();
      await assert.rejects(collect(client, payload), refusedWith("TOO_MANY_OPERATIONS"));
      for (const iterator of iterators) await iterator.return?.();
    });
  });
}
