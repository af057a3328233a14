import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startService } from "../../tests/support/service.ts";
import { repository } from "../harness/repository.ts";
import type { Scenario, Values } from "../harness/scenario.ts";

/** Long enough for what the start leaves behind to be collected. */
const IDLE_MS = 3000;

/** The built service with its embedded Postgres, as `npm start` runs it, on data that an earlier start has migrated. */
export const startup: Scenario = {
  name: "startup",
  metrics: [
    { id: "readyMs", label: "start of the process to listening", unit: "ms", aim: { below: 3000 } },
    { id: "idleRssMib", label: "memory when idle, without Postgres (RSS)", unit: "MiB", aim: { below: 200 } },
  ],
  async open() {
    const parent = join(repository, ".data");
    await mkdir(parent, { recursive: true });
    const dataDir = await mkdtemp(join(parent, "bench-startup-"));
    await measureStart(dataDir, 0);
    return {
      measure: () => measureStart(dataDir, IDLE_MS),
      close: () => rm(dataDir, { recursive: true, force: true }),
    };
  },
};

async function measureStart(dataDir: string, idleMs: number): Promise<Values> {
  const startedAt = performance.now();
  const service = startService({ env: { DATA_DIR: dataDir, LOG_LEVEL: "error" } });
  try {
    await service.address;
    const readyMs = performance.now() - startedAt;
    await sleep(idleMs);
    return { readyMs, idleRssMib: await residentMib(service.process.pid!) };
  } finally {
    await service.kill("SIGTERM");
  }
}

/** Of Linux; elsewhere it is not measured. */
async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
