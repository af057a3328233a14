import { execFile } from "node:child_process";
import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Scenario } from "../scenario.ts";

const run = promisify(execFile);

export const diskFull: Scenario = {
  name: "disk full",
  fault: "a small volume holds a tablespace of the tables; it is filled for eight seconds, then emptied",
  seen: "/ready is 503 with the journal; starts are 503. All goes on by itself when there is room again.",
  isShort: false,
  unable: async () => (process.getuid?.() === 0 ? null : "not done: mounting a volume needs root"),
  async inflict({ postgres, name, upstream }) {
    const volume = await mkdtemp(join(tmpdir(), "stepwire-volume-"));
    await run("mount", ["-t", "tmpfs", "-o", "size=48m,mode=0777", "tmpfs", volume]);
    try {
      const space = `full_${name}`;
      const folder = join(volume, "space");
      await run("install", ["-d", "-o", String(postgres.uid), "-m", "0700", folder]);
      await postgres.admin(`CREATE TABLESPACE ${space} LOCATION '${folder}'`);
      for (const table of ["execution", "execution_step", "execution_event"])
        await postgres.admin(`ALTER TABLE ${table} SET TABLESPACE ${space}`, name);
      await upstream.more(10);
      const { bavail, bsize } = await statfs(volume);
      const filler = join(volume, "filler");
      await writeFile(filler, Buffer.alloc(bavail * bsize));
      await sleep(8_000);
      await rm(filler);
      await upstream.more(10);
      for (const table of ["execution", "execution_step", "execution_event"])
        await postgres.admin(`ALTER TABLE ${table} SET TABLESPACE pg_default`, name);
      await postgres.admin(`DROP TABLESPACE ${space}`);
      return 1;
    } finally {
      await run("umount", ["-l", volume]);
      await rm(volume, { recursive: true, force: true });
    }
  },
};
