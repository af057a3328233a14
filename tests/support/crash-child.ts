import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import type { TenantId } from "../../engine/index.ts";
import { DomainError } from "../../engine/model/errors.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import type { ProbePoint } from "../../engine/runtime/probe.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";

/** What the parent asks of one life of the process. */
export interface Life {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly triggerData: JsonObject;
  readonly idempotencyKey: string;
  /** Forks this execution in place of starting one; the step named `skip` is skipped as soon as it waits. */
  readonly fork?: { readonly id: number; readonly fromStep: string; readonly skip: string };
  /** Where it ends itself; null: nowhere. */
  readonly crash: { readonly point: ProbePoint; readonly pass: number } | null;
}

/**
 * A process that starts an execution (the same one in each of its lives), or goes on with it, until it is over.
 * SIGKILL is delivered before the call returns: nothing is flushed, closed or caught.
 */
async function live({ crash, databaseUrl, directory, fork, ...start }: Life): Promise<void> {
  let passes = 0;
  const engine = await createEngine({
    databaseUrl,
    concurrency: 10,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http: createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "crash test" }),
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    log: (level, message, fields) => {
      if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
    probe: (point) => {
      if (point === crash?.point && ++passes === crash.pass) process.kill(process.pid, "SIGKILL");
    },
  });
  const { tenantId } = start;
  const { id } = fork
    ? await engine.executions.fork(tenantId, fork.id, {
        fromStep: fork.fromStep,
        triggerDataPatch: start.triggerData,
        outputPatches: {},
        definition: "pinned",
        idempotencyKey: start.idempotencyKey,
      })
    : await engine.executions.start(start);
  for await (const { type, stepId, data } of await engine.executions.events(tenantId, id, 0)) {
    if (type !== "step.waiting" || data.name !== fork?.skip) continue;
    // A life before this one may have skipped it already.
    engine.executions.skipStep(tenantId, stepId!, { output: { path: [] }, reason: null }).catch(unlessSkipped);
  }
  process.exit(0);
}

function unlessSkipped(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== "INVALID_STATE") throw error;
}

await live(JSON.parse(process.argv[2]!) as Life);
