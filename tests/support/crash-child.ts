import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import type { JsonObject } from "../../engine/json.ts";
import type { ProbePoint } from "../../engine/probe.ts";

/** What the parent asks of one life of the process. */
export interface Life {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly tenantId: string;
  readonly workflowId: number;
  readonly triggerData: JsonObject;
  readonly idempotencyKey: string;
  /** Where it ends itself; null: nowhere. */
  readonly crash: { readonly point: ProbePoint; readonly pass: number } | null;
}

/**
 * A process that starts an execution (the same one in each of its lives), or goes on with it, until it is over.
 * SIGKILL is delivered before the call returns: nothing is flushed, closed or caught.
 */
async function live({ crash, databaseUrl, directory, ...start }: Life): Promise<void> {
  let passes = 0;
  const engine = await createEngine({
    databaseUrl,
    concurrency: 10,
    environment: new Map(),
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
  const { id } = await engine.executions.start(start);
  for await (const _ of await engine.executions.events(start.tenantId, id, 0));
  process.exit(0);
}

await live(JSON.parse(process.argv[2]!) as Life);
