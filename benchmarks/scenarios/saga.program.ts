import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { loneLatency, sustainedRate } from "../harness/load.ts";
import { IN_FLIGHT } from "./saga.ts";
import { openSagas } from "./sagas-under-test.ts";

const LONE_SAGAS = 200;
const FAILING_EVERY = 10;

const participant = fork(fileURLToPath(new URL("participant.program.js", import.meta.url)));
const [port] = (await once(participant, "message")) as [number];
const load = { inFlight: IN_FLIGHT, warmUpMs: 1000, measureMs: 2500 };
const { saga, plain, caughtUp, close } = await openSagas(
  process.env.DATABASE_URL!,
  `http://127.0.0.1:${port}`,
  IN_FLIGHT,
);

const plainRate = await sustainedRate(load, plain);
await caughtUp();
const rate = await sustainedRate(load, () => saga("completing"));
const loadEndedAt = performance.now();
await caughtUp();
const behindMs = performance.now() - loadEndedAt;
let started = 0;
const mixedRate = await sustainedRate(load, () => saga(++started % FAILING_EVERY === 0 ? "failing" : "completing"));
await caughtUp();
const lone = await loneLatency(LONE_SAGAS, () => saga("completing"));
await close();
participant.disconnect();
console.log(
  JSON.stringify({
    plainPerSecond: plainRate.perSecond,
    sagasPerSecond: rate.perSecond,
    mixedPerSecond: mixedRate.perSecond,
    behindMs,
    p50Ms: lone.p50Ms,
    p99Ms: lone.p99Ms,
  }),
);
