import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { EngineOptions } from "../../../engine/index.ts";
import { type LogPort, liveLogs } from "../live-logs.ts";
import { Storm } from "../storm.ts";

const SUBSCRIBERS = 200;
const EXECUTIONS = 4;
/** Each is two waits, and six events or so. */
const steps = Array.from({ length: 24 }, (_, n) => ({ name: `wait${n}`, type: "delay", config: { seconds: 0.02 } }));
/** Besides what the executions themselves take: clients and server are one process here. */
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
export interface LiveContract {
  readonly options: Partial<EngineOptions>;
  /** What the broker suffers, several times in the middle of the stream. */
  disturb(): Promise<void>;
  close(): Promise<void>;
}

/** What subscribers may rely on, whatever carries the events. */
export function liveContract(name: string, skip: string | false, create: () => Promise<LiveContract>): void {
  for (const { field, open, follow } of liveLogs) {
    describe(`${field} over the ${name} bus`, { skip, timeout: 240_000 }, () => {
      let contract: LiveContract;
      let port: LogPort;
      before(async () => {
        contract = await create();
        port = await open(contract.options);
      });
      after(async () => {
        // fetch opens another connection for each that it has cut, and the server would wait for what comes over it.
        for (const socket of port?.sockets ?? []) socket.destroy();
        await port?.close();
        await contract?.close();
      });

      test(`${SUBSCRIBERS} subscribers get every event once and in order, though sockets are cut, readers stall and the broker fails`, async () => {
        const followed = await Promise.all(range(1, EXECUTIONS).map(() => port.run(steps)));
        const rssBefore = process.memoryUsage().rss;
        const storm = new Storm(port, contract);
        const readers = range(0, SUBSCRIBERS - 1).map((n) => storm.subscriber(n, follow, followed[n % EXECUTIONS]!));
        const ends = followed.map((one) => one.over());
        const results = await Promise.all(readers).finally(() => storm.end());
        const lasts = await Promise.all(ends);
        for (const [n, positions] of results.entries()) {
          const i = n % EXECUTIONS;
          assert.ok(positions.length > steps.length);
          assert.deepEqual(positions, range(followed[i]!.after + 1, lasts[i]!), `subscriber ${n}`);
        }
        assert.ok(storm.cuts > 20 && storm.disturbances > 1, `${storm.cuts} cuts, ${storm.disturbances} disturbances`);
        const growth = process.memoryUsage().rss - rssBefore;
        assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more`);
      });
    });
  }
}
