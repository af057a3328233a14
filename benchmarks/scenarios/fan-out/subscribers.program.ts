import type { Socket } from "node:net";
import { percentile } from "../../harness/statistics.ts";
import type { Order, Report } from "./subscribers.ts";
import { subscribe } from "./thin-client.ts";

/** One message in so many is looked at. */
const SAMPLE_EVERY = 31;

/** A thousand subscribers in a process of their own; does what the parent orders, and ends with it. */
let sockets: Socket[] = [];
let received = 0;
let reported = 0;
let reportEvery = 1;
let untilSample = SAMPLE_EVERY;
let latenciesMs: number[] = [];

const send = (report: Report): void => void process.send?.(report);
const now = (): number => performance.timeOrigin + performance.now();

function take(count: number, last: () => string): void {
  received += count;
  untilSample -= count;
  if (untilSample <= 0) {
    untilSample = SAMPLE_EVERY;
    const sentAt = /at-([\d.]+)/.exec(last())?.[1];
    if (sentAt !== undefined) latenciesMs.push(now() - Number(sentAt));
  }
  if (received - reported >= reportEvery) {
    reported = received;
    send({ kind: "received", total: received });
  }
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case "open":
      received = 0;
      reported = 0;
      reportEvery = order.reportEvery;
      sockets = await Promise.all(order.subscriptions.map((subscription) => subscribe(order.port, subscription, take)));
      return send({ kind: "open" });
    case "count":
      return send({ kind: "received", total: received });
    case "latency": {
      const [p50Ms, p99Ms] =
        latenciesMs.length === 0 ? [0, 0] : [0.5, 0.99].map((share) => percentile(latenciesMs, share));
      latenciesMs = [];
      return send({ kind: "latency", p50Ms: p50Ms!, p99Ms: p99Ms! });
    }
    case "close":
      for (const socket of sockets) socket.destroy();
      return send({ kind: "closed" });
  }
}

process.on("message", (order: Order) => void obey(order));
process.once("disconnect", () => process.exit());
