import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import type { JsonObject, JsonValue } from "../engine/model/json.ts";
import { isExecutionOver } from "../engine/model/status.ts";
import { type ProbePoint, probePoints } from "../engine/runtime/probe.ts";
import { readExecution, readSteps } from "../engine/store/executions.ts";
import type { Life } from "./support/crash-child.ts";
import { TENANT, testEngine } from "./support/engine.ts";
import { assertFold } from "./support/fold.ts";
import { oneLife } from "./support/life.ts";

const childFile = fileURLToPath(new URL("./support/crash-child.js", import.meta.url));
/** Processes that run at the same time, each with a database of its own: a worker without Redis is alone. */
const LANES = 3;
/** At which passes of each point, from the start through the work to the undoing. Not every run passes the last ones. */
const PASSES: Readonly<Record<ProbePoint, readonly number[]>> = {
  "claim.before": [1, 2, 3],
  "claim.after": [1, 2, 3],
  "effect.before": [1, 2, 4, 6, 8, 10, 12, 14, 16],
  "effect.after": [1, 3, 5, 7, 9, 11, 13, 15, 17],
  "commit.before": [1, 2, 3, 4, 6, 9, 13, 17],
  "commit.after": [1, 2, 3, 5, 7, 10, 14, 18],
  "publish.before": [1, 2, 4, 8, 12, 16, 20],
  "publish.after": [1, 3, 6, 10, 14, 18, 22],
};
/** Only what hangs takes so long, however busy the machine is. */
const LIFE_LIMIT_MS = 60_000;
/** A crash in the second life as well, at passes that so many divides. */
const TWICE_EVERY = 4;

/** The world outside: counts what reaches it, by path and idempotency key. */
let server: Server;
let origin: string;
const effects = new Map<string, string[]>();

before(async () => {
  server = createServer((request, response) => {
    const { url = "" } = request;
    const keys = effects.get(url) ?? [];
    effects.set(url, keys);
    keys.push(String(request.headers["idempotency-key"]));
    const [, , ...path] = url.split("/");
    const status = path[0] === "boom" ? 400 : path[0] === "flaky" && keys.length === 1 ? 503 : 200;
    // What the answer holds is stored: it must be the same in every run.
    response.sendDate = false;
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ path }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const post = (path: string, rest: object = {}) => ({
  type: "http_request",
  config: { method: "POST", url: `{{trigger.origin}}/{{trigger.run}}/${path}` },
  retry: { max_attempts: 4, initial_seconds: 0.02, jitter: "none" },
  ...rest,
});
const undo = (path: string) => ({ compensate: post(`undo/${path}`) });

const childSteps = [
  { name: "work", ...post("child") },
  { name: "said", type: "log", config: { message: "{{steps.work.json.path}}" } },
];
const steps = (childId: number) => [
  { name: "first", ...post("first", undo("first")) },
  {
    name: "fan",
    ...post("item/{{item}}", { compensate: post("undo/{{output.json.path[1]}}") }),
    for_each: { items: ["a", "b", "c"], concurrency: 2 },
  },
  { name: "flaky", ...post("flaky", undo("flaky")), depends_on: ["first"] },
  { name: "pause", type: "delay", config: { seconds: 0.03 } },
  {
    name: "sub",
    type: "workflow",
    config: { workflow_id: childId, trigger_data: { run: "{{trigger.run}}", origin: "{{trigger.origin}}" } },
    depends_on: ["fan"],
    ...undo("sub"),
  },
  {
    name: "note",
    type: "log",
    config: { message: "{{steps.sub.result.said.message}} {{steps.fan[1].json.path[1]}}" },
    depends_on: ["pause", "sub"],
  },
  { name: "check", type: "conditional", config: { condition: true, true_action: post("branch", undo("branch")) } },
  { name: "boom", ...post("boom") },
];

/** What a fork goes on with: it takes `first` over, skips `hold`, fails at the end, and undoes what it did itself. */
const forkedSteps = [
  { name: "first", ...post("first", undo("first")) },
  { name: "second", ...post("second/{{steps.first.json.path[0]}}", undo("second")) },
  { name: "hold", type: "wait_for_event", config: { event: "never" } },
  { name: "third", ...post("third", undo("third")) },
  { name: "boom", ...post("boom") },
];
/** Points around the commits of a fork: its first, and that of the skip. */
const FORK_PLANS: readonly NonNullable<Life["crash"]>[] = [
  ...[1, 2, 3, 4].map((pass) => ({ point: "commit.before" as const, pass })),
  ...[1, 2, 3, 4].map((pass) => ({ point: "commit.after" as const, pass })),
  ...[1, 3].map((pass) => ({ point: "effect.after" as const, pass })),
  { point: "publish.before", pass: 1 },
];

/** What must be the same however often the process died: no ids, times or numbers of attempts. */
interface Ending {
  readonly status: string;
  readonly compensationStatus: string;
  readonly error: string | undefined;
  readonly steps: Readonly<Record<string, { readonly status: string; readonly output: JsonValue }>>;
  readonly effects: readonly string[];
}

interface Lane {
  readonly pool: pg.Pool;
  /** Lives until the execution is over; tells how often it crashed. */
  run(run: string, crashes: readonly Life["crash"][]): Promise<{ crashes: number; ending: Ending }>;
  /** The same, of a fork. */
  fork(run: string, crashes: readonly Life["crash"][]): Promise<{ crashes: number; ending: Ending }>;
  close(): Promise<void>;
}

async function openLane(): Promise<Lane> {
  const t = await testEngine();
  const create = async (name: string, definition: readonly unknown[]): Promise<number> =>
    (await t.engine.workflows.create(TENANT, { name, workflow_config: { steps: definition } as unknown as JsonObject }))
      .id;
  const workflowId = await create("parent", steps(await create("child", childSteps)));
  const source = await t.start(forkedSteps, { trigger: { run: "source", origin } });
  await t.reached(source.id, "step.waiting");
  await t.engine.executions.cancel(TENANT, source.id, { compensate: false, reason: null });
  // From here on the processes of this test are the only workers on this database.
  await t.engine.stop(1_000);
  const directory = await mkdtemp(join(tmpdir(), "stepwire-crash-"));
  const live = async (run: string, planned: readonly Life["crash"][], fork?: Life["fork"]) => {
    let crashes = 0;
    for (const crash of [...planned, null]) {
      const life: Life = {
        databaseUrl: t.options.databaseUrl,
        directory,
        tenantId: TENANT,
        workflowId,
        triggerData: { run, origin },
        idempotencyKey: run,
        crash,
        ...(fork && { fork }),
      };
      const { code, signal } = await oneLife(childFile, life, LIFE_LIMIT_MS);
      if (signal === "SIGKILL") crashes += 1;
      else {
        assert.equal(signal, null, `${run} does not end after ${crashes} crashes: ${await openWork(t.pool, run)}`);
        assert.equal(code, 0);
        break;
      }
    }
    return { crashes, ending: await endingOf(t.pool, run, fork ? 1 : 2) };
  };
  return {
    pool: t.pool,
    run: (run, planned) => live(run, planned),
    fork: (run, planned) => live(run, planned, { id: source.id, fromStep: "second", skip: "hold" }),
    close: async () => {
      await rm(directory, { recursive: true, force: true });
      await t.close();
    },
  };
}

/** For the message of a failure. */
async function openWork(pool: pg.Pool, run: string): Promise<string> {
  const { rows } = await pool.query(
    `SELECT e.id, e.status, e.outcome, e.epoch, e.wake_at, s.name, s.status AS step_status, s.attempt, s.wait
     FROM execution e LEFT JOIN execution_step s ON s.execution_id = e.id AND s.status IN ('pending', 'running', 'waiting')
     WHERE trigger_data->>'run' = $1`,
    [run],
  );
  return JSON.stringify(rows);
}

/** Checks the record of an execution by itself, and returns what is to be compared. */
async function endingOf(pool: pg.Pool, run: string, count: number): Promise<Ending> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT id FROM execution WHERE trigger_data->>'run' = $1 ORDER BY depth, id",
    [run],
  );
  assert.equal(rows.length, count, "one execution, and its child if it has one");
  for (const { id } of rows) await assertFold(pool, id);
  const [execution, child] = await Promise.all(rows.map(({ id }) => readExecution(pool, id)));
  assert.ok(execution && isExecutionOver(execution.status) && (child === undefined || child?.status === "completed"));
  const records = (await readSteps(pool, [execution.id])).get(execution.id)!;
  assert.ok(records.every((step) => ["completed", "failed", "skipped"].includes(step.status)));
  const completed = records.filter((step) => step.role === "action" && step.status === "completed");
  const undone = records.filter((step) => step.role === "compensation");
  const byId = new Map<number, (typeof completed)[number]>(completed.map((step) => [step.id, step]));
  const orders = undone.map((step) => byId.get(step.compensatesId!)!.settledSeq!);
  assert.deepEqual(
    orders,
    [...orders].sort((a, b) => b - a),
    "undone in reverse order of completion",
  );
  const ids = rows.map(({ id }) => id);
  const { rows: signals } = await pool.query("SELECT * FROM execution_signal WHERE execution_id = ANY($1)", [ids]);
  assert.deepEqual(signals, []);
  const paths = [...effects.keys()].filter((path) => path.startsWith(`/${run}/`));
  return {
    status: execution.status,
    compensationStatus: execution.compensationStatus,
    error: execution.error?.step,
    steps: Object.fromEntries(
      records
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, status, output }) => [name, { status, output: withoutIds(output) }]),
    ),
    effects: paths.map((path) => path.slice(run.length + 2)).sort(),
  };
}

function withoutIds(output: JsonValue): JsonValue {
  if (typeof output !== "object" || output === null || !("execution_id" in output)) return output;
  return { ...output, execution_id: 0 };
}

/** Each effect at least once, at most once more for each crash, and always with the same idempotency key. */
function checkEffects(run: string, crashes: number): void {
  for (const [path, keys] of effects) {
    if (!path.startsWith(`/${run}/`)) continue;
    assert.equal(new Set(keys).size, 1, `${path} came with the keys ${keys}`);
    const attempts = path.endsWith("/flaky") && !path.includes("/undo/") ? 2 : 1;
    assert.ok(keys.length <= attempts + crashes, `${path} came ${keys.length} times in ${crashes} crashes`);
  }
}

describe("a process that is killed at any point and started again", { timeout: 300_000 }, () => {
  const lanes: Lane[] = [];
  let uncrashed: Ending;

  before(async () => {
    lanes.push(...(await Promise.all(Array.from({ length: LANES }, openLane))));
    uncrashed = (await lanes[0]!.run("uncrashed", [])).ending;
    checkEffects("uncrashed", 0);
  });
  after(() => Promise.all(lanes.map((lane) => lane.close())));

  test("is compared with a run that fails at its end and undoes everything", () => {
    assert.equal(uncrashed.status, "failed");
    assert.equal(uncrashed.error, "boom");
    assert.equal(uncrashed.compensationStatus, "completed");
    assert.deepEqual(uncrashed.effects, [
      "boom",
      "branch",
      "child",
      "first",
      "flaky",
      "item/a",
      "item/b",
      "item/c",
      "undo/a",
      "undo/b",
      "undo/branch",
      "undo/c",
      "undo/first",
      "undo/flaky",
      "undo/sub",
    ]);
  });

  test("ends each execution as if nothing had happened", async (t) => {
    const plans = probePoints.flatMap((point) => PASSES[point].map((pass) => ({ point, pass })));
    const crashed = new Map<ProbePoint, number>();
    await Promise.all(
      lanes.map(async (lane) => {
        for (let plan = plans.shift(); plan; plan = plans.shift()) {
          const run = `${plan.point}-${plan.pass}`;
          const { crashes, ending } = await lane.run(run, plan.pass % TWICE_EVERY === 0 ? [plan, plan] : [plan]);
          assert.deepEqual(ending, uncrashed, run);
          checkEffects(run, crashes);
          crashed.set(plan.point, (crashed.get(plan.point) ?? 0) + crashes);
        }
      }),
    );
    for (const point of probePoints) {
      const count = crashed.get(point) ?? 0;
      t.diagnostic(`${point}: ${count} crashes`);
      assert.ok(count >= Math.floor(PASSES[point].length / 2), `only ${count} crashes at ${point}`);
    }
  });

  test("a fork and a skip happen once, whichever commit the process dies at", async () => {
    const { ending } = await lanes[0]!.fork("uncrashed-fork", []);
    checkEffects("uncrashed-fork", 0);
    assert.deepEqual(
      [ending.status, ending.compensationStatus, ending.steps.first?.status, ending.steps.hold?.status],
      ["failed", "completed", "completed", "skipped"],
    );
    assert.deepEqual(ending.effects, ["boom", "second/first", "third", "undo/second", "undo/third"]);
    const plans = [...FORK_PLANS];
    let crashed = 0;
    await Promise.all(
      lanes.map(async (lane) => {
        for (let plan = plans.shift(); plan; plan = plans.shift()) {
          const run = `fork-${plan.point}-${plan.pass}`;
          const outcome = await lane.fork(run, plan.pass % TWICE_EVERY === 0 ? [plan, plan] : [plan]);
          assert.deepEqual(outcome.ending, ending, run);
          checkEffects(run, outcome.crashes);
          crashed += outcome.crashes;
        }
      }),
    );
    assert.ok(crashed >= FORK_PLANS.length, `only ${crashed} crashes`);
  });
});
