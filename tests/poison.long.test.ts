import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../engine/model/json.ts";
import { readEvents, readExecution, readSteps } from "../engine/store/executions.ts";
import { TENANT, testEngine } from "./support/engine.ts";
import { assertFold } from "./support/fold.ts";
import { oneLife } from "./support/life.ts";
import type { PoisonedLife } from "./support/poison-child.ts";

const childFile = fileURLToPath(new URL("./support/poison-child.js", import.meta.url));
const LIFE_LIMIT_MS = 60_000;

const say = (name: string, message: string, rest: object = {}) => ({ name, type: "log", config: { message }, ...rest });
const undone = { compensate: { type: "log", config: { message: "undone" } } };
const dieOutside = { name: "die", type: "http_request", config: { method: "POST", url: "https://example.org/die" } };

/** A database with a workflow for each list of steps, and nobody at work on it. */
async function given(...workflows: readonly (readonly object[])[]) {
  const t = await testEngine();
  const directory = await mkdtempDisposable(join(tmpdir(), "poison-"));
  const ids: number[] = [];
  try {
    for (const [index, steps] of workflows.entries()) {
      const workflow_config = { steps } as unknown as JsonObject;
      ids.push((await t.engine.workflows.create(TENANT, { name: `workflow ${index}`, workflow_config })).id);
    }
  } catch (error) {
    await t.close();
    throw error;
  }
  await t.engine.stop(5_000);
  const live = (life: Partial<PoisonedLife>) => {
    const { databaseUrl } = t.options;
    const all = { databaseUrl, directory: directory.path, start: [], release: false, until: [], ...life };
    return oneLife(childFile, all satisfies PoisonedLife, LIFE_LIMIT_MS);
  };
  return {
    pool: t.pool,
    live,
    /** Lives on until these are over. What was stored just before an end is progress, and then it takes one more. */
    over: async (...until: readonly number[]) => {
      const first = await live({ release: true, until });
      const last = first.signal === null ? first : await live({ release: true, until });
      assert.deepEqual(last, { code: 0, signal: null });
    },
    workflows: ids,
    executions: async () => {
      const { rows } = await t.pool.query<{ id: number }>("SELECT id FROM execution ORDER BY id");
      return rows.map(({ id }) => id);
    },
    close: async () => {
      await t.close();
      await directory.remove();
    },
  };
}

const killed = { code: null, signal: "SIGKILL" };

describe("an execution that ends the process whenever it is taken in hand", () => {
  for (const [what, die, isStored] of [
    ["before it is stored that it began", say("die", "die"), false],
    ["with its attempt stored", dieOutside, true],
  ] as const) {
    test(`fails at the third end, is undone, and the others go on: ${what}`, async () => {
      const at = await given(
        [
          say("first", "done", undone),
          { name: "pause", type: "delay", config: { seconds: 0.05 } },
          die,
          say("last", "never"),
        ],
        [say("long", "wait")],
        [say("short", "said")],
      );
      try {
        const [poisonous, long, short] = at.workflows as [number, number, number];
        assert.deepEqual(await at.live({ start: [long, short, poisonous] }), killed);
        assert.deepEqual(await at.live({}), killed);
        assert.deepEqual(await at.live({}), killed);
        const [waiting, said, poisoned] = (await at.executions()) as [number, number, number];
        await at.over(waiting, said, poisoned);

        for (const id of [waiting, said]) assert.equal((await readExecution(at.pool, id))!.status, "completed");
        const execution = (await readExecution(at.pool, poisoned))!;
        assert.deepEqual([execution.status, execution.compensationStatus], ["failed", "completed"]);
        assert.deepEqual([execution.error?.code, execution.error?.step], ["POISONED", "die"]);
        assert.match(execution.error!.message, /ended 3 times/);
        const steps = (await readSteps(at.pool, [poisoned])).get(poisoned)!;
        assert.deepEqual(
          steps.map(({ name, role, status, error }) => [name, role, status, error?.code ?? null]),
          [
            ["first", "action", "completed", null],
            ["pause", "action", "completed", null],
            ...(isStored ? [["die", "action", "failed", "POISONED"]] : []),
            ["first[undo]", "compensation", "completed", null],
          ],
        );
        await assertFold(at.pool, poisoned);
      } finally {
        await at.close();
      }
    });
  }

  test("fails for good while it is undone, and is left to its operator", async () => {
    const undo = { compensate: { type: "log", config: { message: "die" } } };
    const failing = { name: "fails", type: "http_request", config: { url: "https://127.0.0.1/" } };
    const at = await given([say("first", "done", undo), failing]);
    try {
      assert.deepEqual(await at.live({ start: at.workflows }), killed);
      assert.deepEqual(await at.live({}), killed);
      assert.deepEqual(await at.live({}), killed);
      const [id] = (await at.executions()) as [number];
      await at.over(id);
      const execution = (await readExecution(at.pool, id))!;
      assert.deepEqual([execution.status, execution.compensationStatus], ["failed", "failed"]);
      assert.equal(execution.error?.code, "ADDRESS_REFUSED");
    } finally {
      await at.close();
    }
  });

  test("is not one that was handed back, however often", async () => {
    const t = await testEngine({
      invoke: (type, config, context) =>
        type.type === "log" ? new Promise<never>(() => {}) : type.run(config, context),
    });
    try {
      const { id } = await t.start([say("long", "wait")]);
      for (let stop = 0; stop < 4; stop++) await t.restart(0);
      assert.equal((await t.engine.executions.get(TENANT, id)).status, "running");
      const { rows } = await t.pool.query("SELECT * FROM suspect");
      assert.deepEqual(rows, []);
      const { events } = await readEvents(t.pool, id, 0, { events: 100, bytes: 1_000_000 });
      assert.ok(!events.some(({ type }) => type === "execution.stopping"));
    } finally {
      await t.close();
    }
  });
});
