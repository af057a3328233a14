import type pg from "pg";
import type { ErrorCode } from "../errors.ts";
import type { SecretMask } from "../expression/index.ts";
import type { JsonValue } from "../json.ts";
import { redact } from "./redact.ts";

/** A request waits no longer than this for its entry. */
const RECORD_TIMEOUT_MS = 5_000;
const MAX_NAME_CHARS = 255;
const PURGE_SIZE = 1_000;
/** The table refuses to lose younger entries. */
const MIN_RETENTION_DAYS = 30;

export interface AuditRecord {
  /** Null: nobody's, such as a call with a key that does not exist. */
  readonly tenantId: string | null;
  /** Who: `key:12`, `anonymous`, `system`. */
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

export interface AuditEntry extends Omit<AuditRecord, "refused"> {
  readonly id: number;
  readonly at: Date;
  /** A code of the vocabulary at the time it was written. */
  readonly refused: string | null;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly correlationId?: string;
  /** True: refused ones only. False: done ones only. */
  readonly refused?: boolean;
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

export interface AuditPage {
  readonly limit: number;
  /** The last entry of the page before. */
  readonly after?: Pick<AuditEntry, "at" | "id">;
}

interface AuditLogDeps {
  readonly pool: pg.Pool;
  readonly mask: SecretMask;
  log(level: "error", message: string, fields: Readonly<Record<string, string | number | null>>): void;
}

/** Who changed what, and who was refused. Append-only. */
export class AuditLog {
  constructor(private readonly deps: AuditLogDeps) {}

  /**
   * Stores an entry. Never rejects: a request must not fail because of it. An entry that could not be stored goes to
   * the log as an error, whole.
   */
  async record(record: AuditRecord): Promise<void> {
    let entry: Readonly<Record<string, string | null>> = { actor: record.actor, action: record.action };
    try {
      entry = this.toEntry(record);
      await within(RECORD_TIMEOUT_MS, this.insert(entry));
    } catch (error) {
      this.deps.log("error", "AUDIT ENTRY NOT STORED", { ...entry, error: String(error) });
    }
  }

  /** Newest first. `tenantId` null: the entries that are nobody's. */
  async list(tenantId: string | null, filter: AuditFilter, page: AuditPage): Promise<AuditEntry[]> {
    const values: unknown[] = [];
    const bind = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
    const { actor, action, target, correlationId, refused, since, until } = filter;
    const conditions = [tenantId === null ? "tenant_id IS NULL" : `tenant_id = ${bind(tenantId, "text")}`];
    if (actor !== undefined) conditions.push(`actor = ${bind(actor, "text")}`);
    if (action !== undefined) conditions.push(`action = ${bind(action, "text")}`);
    if (target !== undefined) conditions.push(`target = ${bind(target, "text")}`);
    if (correlationId !== undefined) conditions.push(`correlation_id = ${bind(correlationId, "text")}`);
    if (refused !== undefined) conditions.push(refused ? "refused IS NOT NULL" : "refused IS NULL");
    if (since) conditions.push(`at >= ${bind(since, "timestamptz")}`);
    if (until) conditions.push(`at < ${bind(until, "timestamptz")}`);
    if (page.after) {
      conditions.push(`(at, id) < (${bind(page.after.at, "timestamptz")}, ${bind(page.after.id, "bigint")})`);
    }
    // Plan: the index of the filter, such as "audit_entry_actor"; without one "audit_entry_tenant".
    const { rows } = await this.deps.pool.query<AuditEntry>(
      `SELECT id, tenant_id AS "tenantId", at, actor, action, target, correlation_id AS "correlationId", refused, before, after
       FROM audit_entry WHERE ${conditions.join(" AND ")} ORDER BY at DESC, id DESC LIMIT ${bind(page.limit, "int")}`,
      values,
    );
    return rows;
  }

  /**
   * The one way in which entries go: those older than that, in small batches; the number of them. Days: 30 or more,
   * which the table's own trigger insists on.
   */
  async purge(olderThanDays: number): Promise<number> {
    const days = Math.max(olderThanDays, MIN_RETENTION_DAYS);
    for (let removed = 0; ; ) {
      const batch = await this.purgeBatch(days);
      removed += batch;
      if (batch < PURGE_SIZE) return removed;
    }
  }

  private async purgeBatch(days: number): Promise<number> {
    const client = await this.deps.pool.connect();
    try {
      await client.query("BEGIN");
      await client.query("SET LOCAL stepwire.audit_retention = 'on'");
      const { rowCount } = await client.query(
        // Plan: "audit_entry_at".
        `DELETE FROM audit_entry WHERE id IN (
           SELECT id FROM audit_entry WHERE at < now() - $1::int * interval '1 day'
           ORDER BY at LIMIT $2::int FOR UPDATE SKIP LOCKED
         )`,
        [days, PURGE_SIZE],
      );
      await client.query("COMMIT");
      return rowCount ?? 0;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  private toEntry(record: AuditRecord): Readonly<Record<string, string | null>> {
    const { mask } = this.deps;
    const json = (value: JsonValue): string | null => (value === null ? null : JSON.stringify(redact(value, mask)));
    return {
      tenant_id: clean(record.tenantId),
      actor: clean(mask(record.actor)),
      action: clean(mask(record.action)),
      target: clean(mask(record.target)),
      correlation_id: clean(mask(record.correlationId)),
      refused: record.refused,
      before: json(record.before),
      after: json(record.after),
    };
  }

  private async insert(entry: Readonly<Record<string, string | null>>): Promise<void> {
    await this.deps.pool.query({
      name: "audit-record",
      text: `INSERT INTO audit_entry (tenant_id, actor, action, target, correlation_id, refused, before, after, at)
             VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::json, $8::json, now())`,
      values: [
        entry.tenant_id,
        entry.actor,
        entry.action,
        entry.target,
        entry.correlation_id,
        entry.refused,
        entry.before,
        entry.after,
      ],
    });
  }
}

/** What comes from outside, a correlation id above all, must neither break the statement nor fill the index. */
function clean(text: string | null): string | null {
  return text === null ? null : text.replaceAll("\0", "").slice(0, MAX_NAME_CHARS).toWellFormed();
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
