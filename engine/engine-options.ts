import type { Grants } from "./definition/index.ts";
import type { RunPorts } from "./execution/index.ts";
import type { FileLimits, FileStore } from "./files/index.ts";
import type { HttpClient } from "./http/index.ts";
import type { Mailer } from "./mail/index.ts";
import type { EngineLogger, Observer } from "./model/index.ts";
import type { Retention } from "./retention/index.ts";
import type { Clock, Probe } from "./runtime/index.ts";
import type { Keyring } from "./secret/index.ts";
import type { Participants } from "./steps/index.ts";
import type { DatabaseLimits } from "./store/index.ts";

export interface EngineOptions {
  /** What it waits by. Default: Postgres' time when it starts, then the monotonic clock. */
  readonly clock?: Clock;
  readonly databaseUrl: string;
  /** What a statement may take. Default: `defaultDatabaseLimits`. */
  readonly databaseLimits?: DatabaseLimits | undefined;
  /** `redis://` or `rediss://` address. Absent: nobody else works on this database, and all of it stays in this process. */
  readonly redisUrl?: string | undefined;
  /** Executions that compute at once; those that wait for an answer do not. */
  readonly concurrency: number;
  /** Bytes that all that is in hand may hold together. Default: a part of the heap, see `MemoryBudget`. */
  readonly memoryBytes?: number | undefined;
  /** Executions that one start from outside may lead to, over its whole tree. Default 10,000. */
  readonly descendantLimit?: number | undefined;
  /** How long executions are kept after their end. Default: for ever, unless their workflow says otherwise. */
  readonly retention?: Retention | undefined;
  /** What `{{env.X}}` may read. */
  readonly environment: Grants;
  /** What secret values are kept with. */
  readonly keyring: Keyring;
  /** The key that the database's secrets are sealed with is given up, and they with it. Default false: it must be known. */
  readonly isOldKeyLost?: boolean;
  readonly http: HttpClient;
  readonly mailer: Mailer | null;
  readonly fileStore: FileStore;
  /** Services that carry out the commands of sagas. Default none. */
  readonly participants?: Participants | undefined;
  readonly fileLimits?: FileLimits;
  /** Whether requests are limited. Default true; false is for load tests. */
  readonly rateLimits?: boolean;
  /** Whether this process runs executions; without, it stores them for the one that does. Default true. */
  readonly worker?: boolean;
  /** Whether this process fires schedules. Default true. */
  readonly scheduler?: boolean;
  /** Told of what is done, for metrics and traces. */
  readonly observer?: Observer | undefined;
  readonly log: EngineLogger;
  /** Whether this process sends outbound webhooks. Default true. Without, others do, or they wait in the outbox. */
  readonly deliverWebhooks?: boolean;
  /** Where tests and benchmarks stand in the way of a step. */
  readonly invoke?: RunPorts["invoke"];
  /** Called at each named point; the crash tests end the process there. */
  readonly probe?: Probe;
}
