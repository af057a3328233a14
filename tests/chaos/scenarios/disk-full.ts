import { execFile } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ChaosPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";
import { withVolume } from "../volume.ts";

const TABLES = ["execution", "execution_step", "execution_event"];
/** Starts that come while it is full. */
const STARTS = 40;
const FULL_MS = 8_000;
const BACK_LIMIT_MS = 5_000;
const BLOCK = Buffer.alloc(64 * 1024);

export const diskFull: Scenario = {
  name: "disk full",
  fault: `a small volume holds a tablespace of the tables; it is filled for ${FULL_MS / 1_000} seconds, then emptied`,
  seen: "/ready is 503 with the journal; starts are 503. All goes on by itself when there is room again.",
  isShort: false,
  unable: async () => (process.getuid?.() === 0 ? null : "not done: mounting a volume needs root"),
  async inflict(world) {
    await withVolume(48, (volume) =>
      withTablesOn(world.postgres, world.name, volume, async () => {
        const filler = join(volume, "filler");
        await fill(filler);
        const starting = world.load.run(world.workId, "full-", STARTS);
        await world.readyIs(503, FULL_MS);
        await sleep(FULL_MS);
        await rm(filler);
        await world.readyIs(200, BACK_LIMIT_MS);
        await starting;
      }),
    );
    return 1;
  },
};

/** Whatever happens meanwhile, they are back before the volume goes: Postgres would have lost them. */
async function withTablesOn(
  postgres: ChaosPostgres,
  database: string,
  volume: string,
  work: () => Promise<void>,
): Promise<void> {
  const space = `full_${database}`;
  const folder = join(volume, "space");
  const move = async (to: string): Promise<void> => {
    for (const table of TABLES) await postgres.admin(`ALTER TABLE ${table} SET TABLESPACE ${to}`, database);
  };
  await promisify(execFile)("install", ["-d", "-o", String(postgres.uid), "-m", "0700", folder]);
  await postgres.admin(`CREATE TABLESPACE ${space} LOCATION '${folder}'`);
  try {
    await move(space);
    await work();
  } finally {
    await rm(join(volume, "filler"), { force: true });
    await move("pg_default");
    await postgres.admin(`DROP TABLESPACE ${space}`);
  }
}

/** Up to the last byte, also of what others give back or take meanwhile. */
async function fill(path: string): Promise<void> {
  const file = await open(path, "w");
  try {
    for (;;) await file.appendFile(BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await file.close();
  }
}
