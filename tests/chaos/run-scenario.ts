import { type Held, whatIsWrong } from "./checks.ts";
import { Follower } from "./follower.ts";
import { LiveWatch } from "./live-watch.ts";
import type { Scenario } from "./scenario.ts";
import { API_KEY, type Servers, World } from "./world.ts";

/** Executions that run before anything is measured: caches and pools are as they stay. */
const WARM_UP = 40;
/** A scenario that takes longer has hung. */
const SCENARIO_LIMIT_MS = 240_000;

export interface Outcome {
  readonly scenario: Scenario;
  /** Why it was not done. */
  readonly skipped: string | null;
  readonly wrong: readonly string[];
  readonly seconds: number;
  readonly executions: number;
  /** Effects that came once more, under the same key. */
  readonly repeated: number;
  /** Answers that were no acceptance: 503, or no connection. */
  readonly refused: number;
  readonly slowestLiveMs: number;
}

export async function outcomeOf(scenario: Scenario, servers: Servers, seed: number, size: number): Promise<Outcome> {
  const skipped = (await scenario.unable?.()) ?? null;
  const none = { scenario, skipped, wrong: [], seconds: 0, executions: 0, repeated: 0, refused: 0, slowestLiveMs: 0 };
  if (skipped !== null) return none;
  const begun = performance.now();
  const world = await World.open(servers, scenario.service ?? {}, seed, size);
  const live = new LiveWatch(() => world.address);
  try {
    const wrong = await withLimit(hurt(world, scenario));
    await live.end();
    const { load, upstream } = world;
    const effects = [...upstream.effects.values()];
    return {
      ...none,
      wrong: await withLastWords(world, [...wrong, ...(await whatItLeaves(world))]),
      seconds: Math.round((performance.now() - begun) / 1_000),
      executions: load.started.size,
      repeated: effects.reduce((sum, keys) => sum + keys.length - 1, 0),
      refused: load.refused,
      slowestLiveMs: Math.round(live.slowestMs),
    };
  } finally {
    world.load.isOn = false;
    await live.end();
    await world.service.kill("SIGKILL");
    await servers.postgres.admin(`DROP DATABASE IF EXISTS ${world.name} WITH (FORCE)`).catch(() => {});
  }
}

async function hurt(world: World, scenario: Scenario): Promise<string[]> {
  await world.load.run(world.workId, "warm-", WARM_UP);
  const before: Held = await world.usage();
  const follower = await Follower.start(world, API_KEY);
  const loading = world.load.run(world.workId, "", world.size);
  await world.upstream.more(world.size / 4);
  const wrong: string[] = [];
  let faults = 0;
  try {
    faults = await scenario.inflict(world);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  if (!world.isAlive) return [...wrong, "the process ended"];
  await loading;
  wrong.push(...(await whatIsWrong(world, before, faults, follower)));
  await follower.end();
  return wrong;
}

/** It stops in order, and says nothing on stderr. */
async function whatItLeaves(world: World): Promise<string[]> {
  if (!world.isAlive) return [];
  const { code, stderr } = await world.service.kill("SIGTERM");
  return code === 0 && stderr === "" ? [] : [`it stopped with ${code} and said: ${stderr.slice(-500)}`];
}

/** If anything is wrong, with the worst of its log. */
async function withLastWords({ service }: World, wrong: readonly string[]): Promise<readonly string[]> {
  if (wrong.length === 0) return wrong;
  const { stdout } = await service.ended;
  const worst = stdout.split("\n").findLast((line) => /"level":"(error|fatal)"/.test(line));
  return worst === undefined ? wrong : [...wrong, `its log: ${worst.slice(0, 1_500)}`];
}

async function withLimit(work: Promise<string[]>): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => resolve([`not over after ${SCENARIO_LIMIT_MS / 1_000} s`]), SCENARIO_LIMIT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
