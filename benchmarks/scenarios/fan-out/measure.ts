import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Values } from "../../harness/scenario.ts";
import { Subscribers } from "./subscribers.ts";
import type { Subscription } from "./thin-client.ts";

const WARM_UP_MS = 1_000;
const MEASURE_MS = 2_500;
const SETTLE_MS = 500;
/** Deliveries a second at which latency is measured. */
const PACE = 10_000;
/** Events on their way at any moment. Below what a reader buffers: more would measure its reads of Postgres. */
const WINDOW = 16;
const LONE_WINDOW = 128;

/** What is measured: a server that sends events to subscribers. */
export interface FanOutServer {
  readonly port: number;
  /** To an execution, counted from 0. */
  subscription(execution: number): Subscription;
  /** Messages that each gets before any is published. */
  readonly greeting: number;
  publish(execution: number): void;
  close(): Promise<void>;
}

/** Carried by each event, for the subscribers' clock is the same. */
export const stamp = (): string => `at-${performance.timeOrigin + performance.now()}`;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Subscribers of one execution in growing numbers, then as many executions with one each. */
export async function measureFanOut(server: FanOutServer): Promise<Values> {
  const subscribers = new Subscribers();
  try {
    // First, while the heap has nothing to give back: what a subscriber takes shows.
    const thousand = await measure(server, subscribers, Array(1_000).fill(2));
    const hundred = await measure(server, subscribers, Array(100).fill(1));
    const one = await measure(server, subscribers, [0]);
    const apart = await measure(
      server,
      subscribers,
      Array.from({ length: 1_000 }, (_, n) => 10 + n),
    );
    return {
      ...named("1", one),
      ...named("100", hundred),
      ...named("1000", thousand),
      ...named("Apart", apart),
      rssKib: thousand.rssKib,
    };
  } finally {
    subscribers.end();
    await server.close();
  }
}

interface Measured {
  readonly perSecond: number;
  /** Of the server, a delivery: what its share of a busy machine does not change. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssKib: number;
}

function named(name: string, { perSecond, cpuUs, p50Ms, p99Ms }: Measured): Values {
  return {
    [`cpuUs${name}`]: cpuUs,
    [`perSecond${name}`]: perSecond,
    [`p50Ms${name}`]: p50Ms,
    [`p99Ms${name}`]: p99Ms,
  };
}

/** `executions`: whom each subscriber follows. */
async function measure(
  server: FanOutServer,
  subscribers: Subscribers,
  executions: readonly number[],
): Promise<Measured> {
  const size = executions.length;
  const distinct = [...new Set(executions)];
  const perEvent = size / distinct.length;
  const window = (size === 1 ? LONE_WINDOW : WINDOW) * distinct.length;
  const rssBefore = residentKib();
  const subscriptions = executions.map((execution) => server.subscription(execution));
  await subscribers.open(server.port, subscriptions, Math.max(1, Math.floor((window * perEvent) / 4)));
  await subscribers.got(size * server.greeting);
  await sleep(SETTLE_MS);
  const rssKib = (residentKib() - rssBefore) / size;

  let published = 0;
  let next = 0;
  const publish = (): void => {
    server.publish(distinct[next]!);
    next = (next + 1) % distinct.length;
    published += 1;
  };
  const greeted = size * server.greeting;
  const underWay = (): number => published - Math.floor((subscribers.received - greeted) / perEvent);
  const fill = (): void => {
    while (underWay() < window) publish();
  };
  subscribers.onReceived = fill;
  fill();
  await sleep(WARM_UP_MS);
  const [from, startedAt, cpuBefore] = [subscribers.received, performance.now(), process.cpuUsage()];
  await sleep(MEASURE_MS);
  const deliveries = subscribers.received - from;
  const perSecond = (deliveries * 1_000) / (performance.now() - startedAt);
  const cpu = process.cpuUsage(cpuBefore);
  const cpuUs = (cpu.user + cpu.system) / deliveries;
  subscribers.onReceived = () => {};
  await subscribers.got(greeted + published * perEvent);
  await subscribers.latency();
  // A server that falls behind is not buried: what is not published could not be read from Postgres.
  await pace(() => underWay() < window && publish(), PACE / perEvent);
  await subscribers.got(greeted + published * perEvent);
  const { p50Ms, p99Ms } = await subscribers.latency();
  await subscribers.close();
  await sleep(SETTLE_MS);
  return { perSecond, cpuUs, p50Ms, p99Ms, rssKib };
}

/** So many a second, evenly, as far as timers go. */
async function pace(publish: () => void, perSecond: number): Promise<void> {
  const startedAt = performance.now();
  for (let done = 0; ; ) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs >= MEASURE_MS) return;
    for (; done < (elapsedMs * perSecond) / 1_000; done++) publish();
    await sleep(1);
  }
}

/** After what is garbage has gone. */
function residentKib(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().rss / 1024;
}
