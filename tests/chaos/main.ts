import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { withSection } from "../../benchmarks/harness/results-file.ts";
import { testRedis } from "../support/redis.ts";
import { ChaosPostgres } from "./postgres.ts";
import { type Outcome, outcomeOf } from "./run-scenario.ts";
import { serviceScenarios } from "./scenarios/index.ts";
import { table } from "./table.ts";
import { Upstream } from "./upstream.ts";

/**
 * `npm run chaos -- [--only service[,NAME…]] [--short] [--seed N] [--keep]`: hurts the service in each way that is
 * listed, and looks at what is left. `--keep` writes the table into docs/reliability.md.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "service" },
    short: { type: "boolean", default: false },
    seed: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const document = new URL("../../../docs/reliability.md", import.meta.url);
/** Executions under way around a fault. */
const [SIZE, SHORT_SIZE] = [200, 60];

const wanted = values.only.split(",");
const scenarios = serviceScenarios.filter(
  ({ name, isShort }) => wanted.includes(name) || (wanted.includes("service") && (isShort || !values.short)),
);
if (scenarios.length === 0) throw new Error(`There is no scenario ${values.only}`);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const begun = performance.now();
console.log(`seed ${seed}, ${scenarios.length} scenarios`);

const [postgres, redis, upstream] = await Promise.all([ChaosPostgres.open(), testRedis(), Upstream.open()]);
const outcomes: Outcome[] = [];
try {
  for (const scenario of scenarios) {
    const outcome = await outcomeOf(scenario, { postgres, redis, upstream }, seed, values.short ? SHORT_SIZE : SIZE);
    outcomes.push(outcome);
    const state = outcome.skipped ?? (outcome.wrong.length === 0 ? "held" : `\n  ✖ ${outcome.wrong.join("\n  ✖ ")}`);
    console.log(`${scenario.name} (${outcome.seconds} s): ${state}`);
  }
} finally {
  upstream.close();
  await redis.close();
  await postgres.close();
}
const text = table(outcomes, seed);
console.log(`\n${text}\n\n${outcomes.length} scenarios in ${Math.round((performance.now() - begun) / 1_000)} s`);
if (values.keep) {
  await writeFile(document, withSection(await readFile(document, "utf8"), "Faults, and what they cost", text));
}
// Whatever a scenario that hung still waits for ends with it.
process.exit(outcomes.some(({ wrong }) => wrong.length > 0) ? 1 : 0);
