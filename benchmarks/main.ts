import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { beside } from "./harness/beside.ts";
import { openBenchmarkServer } from "./harness/postgres-server.ts";
import { report } from "./harness/report.ts";
import { commit, resultsFile } from "./harness/repository.ts";
import { withSection } from "./harness/results-file.ts";
import { measureInRounds } from "./harness/rounds.ts";
import { comparisons } from "./scenarios/comparisons.ts";
import { scenarios } from "./scenarios/index.ts";

const ROUNDS = 5;
/** After this no further round begins. */
const LIMIT_MS = 4 * 60_000;
/** The same with an earlier state beside: twice as many scenarios. */
const LIMIT_WITH_BEFORE_MS = 2 * LIMIT_MS;

/** Scenarios by name, in the order of the list; all of them without a name. */
function chosen(names: readonly string[]): typeof scenarios {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = scenarios.map((scenario) => scenario.name).join(", ");
    throw new Error(`There is no scenario ${unknown.join(", ")}; there are ${known}`);
  }
  return names.length === 0 ? scenarios : scenarios.filter((scenario) => names.includes(scenario.name));
}

function machine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  // What else ran on the machine shows in the load before the start.
  const load = loadavg()[0]?.toFixed(1);
  return `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores (load before ${load}), ${gibibytes} GiB; Node ${process.version}`;
}

async function main(): Promise<void> {
  // Ctrl-C reaches the scenario's program too; here it only has to leave time to clean up.
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { before: { type: "string" } } });
  const named = chosen(positionals);
  const before = values.before === undefined ? null : await beside(values.before, named);
  const selected = before?.scenarios ?? named;
  const server = await openBenchmarkServer(process.env.DATABASE_URL || undefined);
  try {
    const facts = [
      `- ${new Date().toISOString().slice(0, 10)}, commit ${await commit()}${before ? `, before: ${before.commit}` : ""}`,
      `- ${machine()}`,
      `- ${server.description}`,
    ].join("\n");
    console.log(facts);
    const measured = await measureInRounds(selected, server, {
      rounds: ROUNDS,
      limitMs: before ? LIMIT_WITH_BEFORE_MS : LIMIT_MS,
      signal: interrupt.signal,
      progress: (line) => console.log(line),
    });
    const tables = report(measured, before?.comparisons ?? comparisons);
    console.log(`\n${tables}`);
    const names = [
      ...(before ? ["--before DIR"] : []),
      ...(named === scenarios ? [] : named.map((scenario) => scenario.name)),
    ].join(" ");
    const document = await readFile(resultsFile, "utf8").catch(() => "");
    const rounds = Math.max(...[...measured.values()].map((values) => values.length));
    const body = `${facts}\n- medians of ${rounds} interleaved rounds\n\n${tables}`;
    await writeFile(
      resultsFile,
      withSection(document, names === "" ? "npm run bench" : `npm run bench -- ${names}`, body),
    );
  } finally {
    await server.stop();
  }
}

await main();
