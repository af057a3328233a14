import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { TENANT } from "./engine.ts";

/** What the parent asks of one life of the process. */
export interface PoisonedLife {
  readonly databaseUrl: string;
  readonly directory: string;
  /** Workflows to start an execution of. */
  readonly start: readonly number[];
  /** Steps that say `wait` go on at once; otherwise never in this life. */
  readonly release: boolean;
  /** The process ends itself once these executions are over. */
  readonly until: readonly number[];
}

/** A process in which a step that says `die` ends it, whatever its type: SIGKILL comes before the call returns. */
async function live({ databaseUrl, directory, start, release, until }: PoisonedLife): Promise<void> {
  const engine = await createEngine({
    databaseUrl,
    concurrency: 10,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http: createHttpClient({ allowPrivate: [], userAgent: "poison test" }),
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    log: () => {},
    invoke: (type, config, context) => {
      const { message, url } = config as { readonly message?: string; readonly url?: string };
      if (message === "die" || url?.endsWith("/die")) process.kill(process.pid, "SIGKILL");
      if (message === "wait" && !release) return new Promise<never>(() => {});
      return type.run(config, context);
    },
  });
  for (const workflowId of start) await engine.executions.start({ tenantId: TENANT, workflowId, triggerData: {} });
  for (const id of until) for await (const _ of await engine.executions.events(TENANT, id, 0));
  if (until.length > 0) {
    await engine.stop(5_000);
    process.exit(0);
  }
}

await live(JSON.parse(process.argv[2]!) as PoisonedLife);
