import { createEngine } from "../../engine/engine.ts";
import { createDiskFileStore } from "../../engine/files/index.ts";
import { createHttpClient, endingEvents, type TenantId } from "../../engine/index.ts";
import type { ProbePoint } from "../../engine/runtime/probe.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { createSagas, type Sagas } from "../../saga/index.ts";
import { type Case, casesOf, keyOf, typeOf } from "./saga-matrix.ts";

/** What the parent asks of one life of the process. */
export interface SagaLife {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly tenantId: TenantId;
  readonly shop: string;
  readonly run: string;
  /** Where it ends itself; null: nowhere. */
  readonly crash: { readonly point: ProbePoint; readonly pass: number } | null;
}

/** Starts every saga of the matrix, or goes on with them, until all are over. */
async function live({ crash, databaseUrl, directory, tenantId, shop, run }: SagaLife): Promise<void> {
  let passes = 0;
  // The engine goes on with what the last life left before the sagas stand on it.
  const ready = Promise.withResolvers<Sagas>();
  const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "crash test" });
  const log = (level: string, message: string, fields: object): void => {
    if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  };
  const cancel = (sagaId: string): void => {
    const options = { compensate: true, reason: null };
    // It is asked again in the next life, when it may be over.
    ready.promise.then(({ sagas }) => sagas.cancel(tenantId, sagaId, options)).catch(() => {});
  };
  const engine = await createEngine({
    databaseUrl,
    concurrency: 100,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http,
    participants: { services: new Map([["shop", shop]]), http },
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    log,
    invoke: async (type, config, context) => {
      const at = (context.trigger as unknown as Case).cancel;
      if (at?.command !== context.stepName) return type.run(config, context);
      const output = at.when === "after" ? await type.run(config, context) : null;
      cancel(context.saga().id);
      // Nobody will know: the answer does not arrive before the cancellation does.
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve, { once: true }));
      return output;
    },
    probe: (point) => {
      if (point === crash?.point && ++passes === crash.pass) process.kill(process.pid, "SIGKILL");
    },
  });
  const sagas = await createSagas({ engine, log });
  ready.resolve(sagas);
  const { types, sagas: service } = sagas;
  for (const pivot of [false, true]) await types.register(tenantId, typeOf(pivot));
  const over = casesOf().map(async (one) => {
    const key = keyOf(run, one);
    const type = one.pivot ? "pivot" : "plain";
    const input = { ...one, key } as never;
    const id = await service.start(tenantId, { type, input, correlationId: key, idempotencyKey: key });
    for await (const event of await service.events(tenantId, id, 0)) if (endingEvents.includes(event.type)) break;
  });
  await Promise.all(over);
  process.exit(0);
}

await live(JSON.parse(process.argv[2]!) as SagaLife);
