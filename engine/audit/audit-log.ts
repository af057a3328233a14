import type pg from "pg";
import type { SecretMask } from "../expression/index.ts";
import {
  DEFAULT_TENANT,
  DomainError,
  type ErrorCode,
  type JsonObject,
  type JsonValue,
  type Page,
  pageOf,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { currentDeadline } from "../runtime/index.ts";
import {
  type AuditEntry,
  type AuditFilter,
  countEntries,
  purgeEntries,
  readEntries,
  readEntry,
} from "../store/index.ts";
import { EntryWriter, type NewEntry } from "./entry-writer.ts";
import { redact } from "./redact.ts";
import { type LeftOut, RefusalBounds } from "./refusal-bounds.ts";

/** A request waits no longer than this for its entry. */
const RECORD_TIMEOUT_MS = 5_000;
const MAX_NAME_CHARS = 255;
/** Entries are kept for a year. */
const RETENTION_DAYS = 365;
const PURGE_INTERVAL_MS = 3_600_000;

export interface AuditRecord {
  /** Null: nobody's, such as a call with a key that does not exist. */
  readonly tenantId: TenantId | null;
  /** Who: `key:12`, `hook:3`, `cli`, `anonymous`. */
  readonly actor: string;
  /** What: `workflow.update`. */
  readonly action: string;
  /** To what: `workflow:5`. */
  readonly target: string | null;
  readonly correlationId: string | null;
  /** State before a change; for a refused one, null. */
  readonly before: JsonValue;
  /** State after a change; for a refused one, what was asked for. */
  readonly after: JsonValue;
  /** Why it was refused; null when it was done. */
  readonly refused: ErrorCode | null;
}

interface AuditLogDeps {
  readonly pool: pg.Pool;
  readonly mask: SecretMask;
  log(level: "warning" | "error", message: string, fields: Readonly<Record<string, string | number | null>>): void;
}

/** Who changed what, and who was refused. Append-only. */
export class AuditLog {
  private readonly writer: EntryWriter;
  private readonly bounds = new RefusalBounds((leftOut) => this.tellLeftOut(leftOut));
  private purging: Promise<void> = Promise.resolve();
  private purgeTimer: NodeJS.Timeout | null = null;

  constructor(private readonly deps: AuditLogDeps) {
    this.writer = new EntryWriter(deps.pool);
  }

  /** Removes what is too old, now and then. */
  start(): void {
    const purge = () => {
      this.purging = this.purge(RETENTION_DAYS).then(
        () => {},
        (error) => this.deps.log("warning", "Could not remove old audit entries", { error: String(error) }),
      );
    };
    purge();
    this.purgeTimer = setInterval(purge, PURGE_INTERVAL_MS).unref();
  }

  /** Waits for what is still being written. */
  async close(): Promise<void> {
    if (this.purgeTimer) clearInterval(this.purgeTimer);
    this.bounds.end();
    await Promise.all([this.writer.close(), this.purging]);
  }

  /**
   * Stores an entry. Never rejects: a request must not fail because of it. An entry that could not be stored goes to
   * the log as an error, whole. Of the refusals of one key so many in a minute have entries of their own, and the others one
   * together. `isAwaited` false: nobody waits for it, and it may gather with others for a moment.
   */
  async record(record: AuditRecord, isAwaited = true): Promise<void> {
    if (this.bounds.keeps(record)) await this.store(record, isAwaited);
  }

  private async store(record: AuditRecord, isAwaited: boolean): Promise<void> {
    let entry: Readonly<Record<string, string | null>> = { actor: record.actor, action: record.action };
    try {
      const row = this.toEntry(record);
      entry = { ...row };
      const limitMs = Math.min(RECORD_TIMEOUT_MS, currentDeadline()?.waitMs ?? RECORD_TIMEOUT_MS);
      await within(limitMs, this.writer.write(row, isAwaited));
    } catch (error) {
      this.deps.log("error", "AUDIT ENTRY NOT STORED", { ...entry, error: String(error) });
    }
  }

  /** Newest first. @throws DomainError FORBIDDEN for entries that are nobody's, unless it is the first key's tenant that asks. */
  async list(tenantId: TenantId, filter: AuditFilter, window: Window): Promise<Page<AuditEntry>> {
    checkFilter(tenantId, filter);
    return pageOf(await readEntries(this.deps.pool, tenantId, filter, window), window);
  }

  get(tenantId: TenantId, id: number): Promise<AuditEntry | null> {
    return readEntry(this.deps.pool, tenantId, id);
  }

  async count(tenantId: TenantId, filter: AuditFilter): Promise<number> {
    checkFilter(tenantId, filter);
    return countEntries(this.deps.pool, tenantId, filter);
  }

  /**
   * The one way in which entries go: those older than that, in small batches; the number of them. Days: 30 or more,
   * which the table's own trigger insists on.
   */
  purge(olderThanDays: number): Promise<number> {
    return purgeEntries(this.deps.pool, olderThanDays);
  }

  private tellLeftOut({ tenantId, actor, codes }: LeftOut): void {
    const [refused = null] = Object.keys(codes) as ErrorCode[];
    const entry = { action: "further refusals", target: null, correlationId: null, before: null, refused };
    // Nobody waits for it; while it closes, the writer does.
    void this.store({ tenantId, actor, ...entry, after: codes as JsonObject }, true);
  }

  private toEntry(record: AuditRecord): NewEntry {
    const { mask } = this.deps;
    const json = (value: JsonValue): string | null => (value === null ? null : JSON.stringify(redact(value, mask)));
    return {
      tenantId: clean(record.tenantId),
      actor: clean(mask(record.actor)),
      action: clean(mask(record.action)),
      target: clean(mask(record.target)),
      correlationId: clean(mask(record.correlationId)),
      refused: record.refused,
      before: json(record.before),
      after: json(record.after),
    };
  }
}

/** What comes from outside, a correlation id above all, must neither break the statement nor fill the index. */
function clean<T extends string | null>(text: T): T {
  return (text === null ? null : text.replaceAll("\0", "").slice(0, MAX_NAME_CHARS).toWellFormed()) as T;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not stored within ${ms} ms`)), ms);
  // When it comes too late, its own failure has nobody to hear of it.
  work.catch(() => {});
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Postgres refuses NUL in text. @throws DomainError with the place of each */
function checkFilter(tenantId: TenantId, filter: AuditFilter): void {
  if (filter.nobodys && tenantId !== DEFAULT_TENANT) {
    throw new DomainError("FORBIDDEN", "Only keys of the first key's tenant may see requests without a valid key");
  }
  const issues = Object.entries(filter).flatMap(([name, value]) =>
    typeof value === "string" && value.includes("\0")
      ? [{ path: `filter.${name}`, message: "must not hold a NUL character" }]
      : [],
  );
  if (issues.length > 0) throw DomainError.invalid(issues);
}
