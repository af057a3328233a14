import { channels } from "../../engine/bus/bus.ts";
import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import type { TenantId } from "../../engine/model/tenant.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";

/** What the parent asks of a process with little memory. */
export interface MemoryTask {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly tenants: readonly TenantId[];
  readonly steps: readonly JsonObject[];
  /** Executions of each tenant, all started at once. */
  readonly executions: number;
}

export interface MemoryReport {
  readonly ended: number;
  readonly peakRssBytes: number;
}

/** Starts all of them at once, and reports when the last has ended. That it does report is what is tested. */
async function run({ databaseUrl, directory, tenants, steps, executions }: MemoryTask): Promise<void> {
  const engine = await createEngine({
    databaseUrl,
    concurrency: 100,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http: createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "memory test" }),
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    log: (level, message, fields) => {
      if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
  });
  const over = new Set<number>();
  const allOver = Promise.withResolvers<void>();
  for (const tenantId of tenants) {
    await engine.bus.subscribe(channels.tenant(tenantId), (message) => {
      const { executionId, type } = message as { executionId: number; type: string };
      if (/^execution\.(completed|failed|timed_out|cancelled)$/.test(type)) over.add(executionId);
      if (over.size === tenants.length * executions) allOver.resolve();
    });
  }
  for (const tenantId of tenants) {
    const workflow = { name: "large", workflow_config: { steps } as unknown as JsonObject };
    const { id: workflowId } = await engine.workflows.create(tenantId, workflow);
    await Promise.all(
      Array.from({ length: executions }, () => engine.executions.start({ tenantId, workflowId, triggerData: {} })),
    );
  }
  await allOver.promise;
  const report: MemoryReport = { ended: over.size, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
  process.send!(report, () => process.exit(0));
}

await run(JSON.parse(process.argv[2]!) as MemoryTask);
