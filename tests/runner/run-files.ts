import { availableParallelism } from "node:os";
import { type RunOptions, run } from "node:test";
import { spec } from "node:test/reporters";
import { globalSetup, globalTeardown } from "../support/global-setup.ts";
import { coverageOptions, coverageWords } from "./coverage.ts";
import { FileWatch, isFile } from "./file-watch.ts";

const TEST_LIMIT_MS = 240_000;
/** The longest file takes a third of it on two busy cores. */
const FILE_LIMIT_MS = Number(process.env.TEST_FILE_LIMIT_SECONDS ?? 480) * 1_000;
/** Three times what two busy cores take: a slow machine must not lose what it has run. */
const RUN_LIMIT_MS = Number(process.env.TEST_RUN_LIMIT_SECONDS ?? 2_700) * 1_000;
/** Files wait for clocks, processes and disks more than they compute: one more than there are cores keeps those busy. */
const FILES_AT_ONCE = availableParallelism() + 1;
/** So many files are named at the end, with what they took. */
const SLOWEST = 10;
/** For Postgres to stop, and for what was printed to get out. */
const CLEAN_UP_MS = 15_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Node's test runner with the suite's Postgres around it, and an end to whatever hangs. */
export async function runFiles(
  selection: Pick<RunOptions, "globPatterns" | "testNamePatterns">,
  { coverage = false }: { readonly coverage?: boolean | undefined } = {},
): Promise<void> {
  const watch = watchOver();
  await globalSetup();
  try {
    const limits = { timeout: TEST_LIMIT_MS, concurrency: FILES_AT_ONCE };
    const stream = run({ ...selection, ...limits, ...(coverage && coverageOptions) });
    let covered: string | null = null;
    stream.on("test:coverage", ({ summary }) => {
      covered = coverageWords(summary);
    });
    stream.on("test:dequeue", ({ name, file }) => watch.begun(name, file));
    stream.on("test:complete", ({ name, file }) => watch.over(name, file));
    stream.on("test:fail", ({ todo }) => {
      if (todo === undefined || todo === false) process.exitCode = 1;
    });
    const tookMs = new Map<string, number>();
    stream.on("test:complete", ({ name, file, details }) => {
      if (isFile(name, file)) tookMs.set(name, details.duration_ms);
    });
    const told = stream.filter(({ type }: { readonly type: string }) => type !== "test:coverage");
    for await (const text of told.compose(new spec())) process.stdout.write(text as string);
    sayWhatTookLong(tookMs);
    if (covered !== null) say(covered);
  } finally {
    await globalTeardown();
  }
}

/** Ends a file that hangs, and the run when it takes too long or is interrupted. */
function watchOver(): FileWatch {
  const watch = new FileWatch(FILE_LIMIT_MS, (file) => {
    say(`✖ ${file} hangs: it is ended after ${FILE_LIMIT_MS / 1_000} s`);
    process.exitCode = 1;
  });
  const endAll = (reason: string): void => {
    say(`✖ ${reason}: ends what still runs: ${watch.running.join(", ") || "nothing"}`);
    process.exitCode = 1;
    watch.endAll();
    setTimeout(() => process.exit(1), CLEAN_UP_MS).unref();
  };
  setTimeout(() => endAll(`the run took more than ${RUN_LIMIT_MS / 1_000} s`), RUN_LIMIT_MS).unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => endAll(signal));
  return watch;
}

function sayWhatTookLong(tookMs: ReadonlyMap<string, number>): void {
  if (tookMs.size === 0) {
    say("✖ there is no such test file");
    process.exitCode = 1;
    return;
  }
  const slowest = [...tookMs].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  say(`Slowest files: ${slowest.map(([name, ms]) => `${name} ${Math.round(ms / 1_000)} s`).join(", ")}`);
}
