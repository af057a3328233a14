import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { TENANT } from "./engine.ts";

/**
 * An engine in a process of its own, on TEST_ENGINE_DATABASE and TEST_ENGINE_REDIS. It starts an execution of each list
 * of steps that it is sent, answers with its id, and stops when the channel closes.
 */
const directory = await mkdtemp(join(tmpdir(), "stepwire-files-"));
const http = createHttpClient({ allowPrivate: [], userAgent: "test" });
const engine = await createEngine({
  databaseUrl: process.env.TEST_ENGINE_DATABASE!,
  redisUrl: process.env.TEST_ENGINE_REDIS!,
  concurrency: 50,
  environment: new Map(),
  keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
  http,
  mailer: null,
  fileStore: await createDiskFileStore({ directory }),
  log: () => {},
});

let workflows = 0;
process.on("message", async (steps) => {
  const { id: workflowId } = await engine.workflows.create(TENANT, {
    name: `workflow ${++workflows}`,
    workflow_config: { steps } as JsonObject,
  });
  const { id } = await engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} });
  process.send!(id);
});
process.once("disconnect", async () => {
  await engine.stop(5_000);
  await http.close();
  await rm(directory, { recursive: true, force: true });
});
process.send!("ready");
