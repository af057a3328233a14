import { AuditLog, auditedKeys } from "./audit/index.ts";
import { createBus } from "./bus/index.ts";
import { createSecretMask } from "./expression/index.ts";
import { KeyService } from "./keys/index.ts";
import type { EngineLogger } from "./model/index.ts";
import { openDatabase, readBusKey, readDatabaseIdentity } from "./store/index.ts";

export interface OpenKeys {
  readonly keys: KeyService;
  readonly audit: AuditLog;
  close(): Promise<void>;
}

/** Keys without an engine around them, for a tool beside a service that may be running: no work is taken up. */
export async function openKeys(options: {
  readonly databaseUrl: string;
  /** With it, running processes hear of a revoked key at once; without, they notice within a second. */
  readonly redisUrl?: string | undefined;
  readonly log: EngineLogger;
}): Promise<OpenKeys> {
  const { log, redisUrl } = options;
  const database = await openDatabase(options.databaseUrl);
  const { pool } = database;
  const bus = await createBus({
    redisUrl,
    namespace: await readDatabaseIdentity(pool),
    key: await readBusKey(pool),
    log,
  });
  const keys = new KeyService(database.em, bus);
  const audit = new AuditLog({ pool: database.pool, mask: createSecretMask([]), log });
  return {
    keys: auditedKeys(keys),
    audit,
    close: async () => {
      await keys.close();
      await audit.close();
      await bus.close();
      await database.close();
    },
  };
}
