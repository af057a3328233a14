import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient as createSseClient } from "graphql-sse";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { EngineOptions } from "../engine/index.ts";
import { follow } from "../examples/live/follow.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const SUBSCRIBERS = 200;
const EXECUTIONS = 4;
/** Each is two waits, and six events or so. */
const steps = Array.from({ length: 40 }, (_, n) => ({ name: `wait${n}`, type: "delay", config: { seconds: 0.02 } }));
/** Besides what the executions themselves take: clients and server are one process here. */
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface LiveContract {
  readonly options: Partial<EngineOptions>;
  /** Called again and again while the storm lasts. */
  disturb(): Promise<void>;
  close(): Promise<void>;
}

/** What subscribers may rely on, whatever carries the events. */
export function liveContract(name: string, skip: string | false, create: () => Promise<LiveContract>): void {
  describe(`live subscriptions over the ${name} bus`, { skip, timeout: 120_000 }, () => {
    let contract: LiveContract;
    let api: TestApi;
    before(async () => {
      contract = await create();
      api = await testApi(contract.options);
    });
    after(async () => {
      await api?.close();
      await contract?.close();
    });

    const retry = () => sleep(Math.random() * 50);
    const wsClient = () =>
      createClient({
        url: `${api.address.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { apiKey: api.secret },
        retryAttempts: Number.POSITIVE_INFINITY,
        retryWait: retry,
        shouldRetry: () => true,
      });
    const sseClient = () =>
      createSseClient({
        url: `${api.address}/graphql/stream`,
        headers: { authorization: `Bearer ${api.secret}` },
        retryAttempts: Number.POSITIVE_INFINITY,
        retry,
      });

    test(`${SUBSCRIBERS} subscribers get every event once and in order, though sockets are cut, readers stall and the broker fails`, async () => {
      const ids: number[] = [];
      for (let n = 0; n < EXECUTIONS; n++) ids.push((await api.t.start(steps)).id);
      const rssBefore = process.memoryUsage().rss;
      let over = false;
      let cuts = 0;
      const read = async (n: number): Promise<number[]> => {
        const client = n % 5 === 0 ? sseClient() : wsClient();
        const seqs: number[] = [];
        for await (const { seq } of follow(client, `ex_${ids[n % EXECUTIONS]}`)) {
          seqs.push(seq);
          // The client gathers what comes meanwhile, unless its socket is cut first.
          if (n % 7 === 0 && seq % 20 === 0) await sleep(50);
        }
        await client.dispose();
        return seqs;
      };
      const readers = range(0, SUBSCRIBERS - 1).map(read);
      const cutting = (async () => {
        while (!over) {
          const sockets = [...api.sockets];
          sockets[Math.floor(Math.random() * sockets.length)]?.destroy();
          cuts += 1;
          await sleep(10);
        }
      })();
      const disturbing = (async () => {
        while (!over) await contract.disturb();
      })();
      const results = await Promise.all(readers).finally(() => {
        over = true;
      });
      await Promise.all([cutting, disturbing]);
      for (const [n, seqs] of results.entries()) {
        const { lastSeq, status } = await api.t.engine.executions.get(TENANT, ids[n % EXECUTIONS]!);
        assert.equal(status, "completed");
        assert.deepEqual(seqs, range(1, lastSeq), `subscriber ${n}`);
      }
      assert.ok(cuts > 20, `${cuts} cuts`);
      const growth = process.memoryUsage().rss - rssBefore;
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more`);
    });
  });
}
