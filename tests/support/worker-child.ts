import { setTimeout as sleep } from "node:timers/promises";
import { createEngine, type Engine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import { DomainError } from "../../engine/model/errors.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { TENANT } from "./engine.ts";

/** What the parent asks of it. */
export interface WorkerChild {
  readonly databaseUrl: string;
  readonly directory: string;
  /** Its requests say who made them. */
  readonly name: string;
  /** Tries again for as long as another worker has the database, as a process manager would. */
  readonly isPatient: boolean;
}

/** A worker in a process of its own. It starts executions of what it is sent; it ends when the channel does. */
const { databaseUrl, directory, name, isPatient } = JSON.parse(process.argv[2]!) as WorkerChild;
const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: name });
const fileStore = await createDiskFileStore({ directory });

async function open(): Promise<Engine> {
  try {
    return await createEngine({
      databaseUrl,
      concurrency: 50,
      environment: new Map(),
      http,
      mailer: null,
      fileStore,
      keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
      log: (level, message) => {
        if (level === "error" || level === "warning") process.send!({ told: message });
      },
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    process.send!({ told: "refused" });
    if (!isPatient) process.exit(1);
    await sleep(500);
    return open();
  }
}

const engine = await open();
process.on("message", async ({ steps, executions }: { steps: JsonObject[]; executions: number }) => {
  const { id: workflowId } = await engine.workflows.create(TENANT, { name: "effects", workflow_config: { steps } });
  for (let n = 0; n < executions; n++) {
    await engine.executions.start({ tenantId: TENANT, workflowId, triggerData: { n } });
  }
});
process.once("disconnect", () => process.exit(0));
process.send!({ told: "ready" });
