import type pg from "pg";
import type { JsonValue, TenantId, Window } from "../model/index.ts";
import { transaction } from "./connection.ts";

const PURGE_SIZE = 1_000;
/** Nobody waits for it. */
const PURGE_STATEMENT_MS = 60_000;
/** The table refuses to lose younger entries. */
const MIN_RETENTION_DAYS = 30;

export interface AuditEntry {
  readonly id: number;
  readonly at: Date;
  readonly tenantId: TenantId | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly correlationId: string | null;
  readonly before: JsonValue;
  readonly after: JsonValue;
  /** A code of the vocabulary at the time it was written; null when it was done. */
  readonly refused: string | null;
}

/** Which entries; what is left out does not restrict. */
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
  /** True: instead of the tenant's, those that are nobody's. */
  readonly nobodys?: boolean;
}

const COLUMNS =
  'id, tenant_id AS "tenantId", at, actor, action, target, correlation_id AS "correlationId", refused, before, after';

/** In the direction of the window, one more than its limit. */
export async function readEntries(
  pool: pg.Pool,
  tenantId: TenantId,
  filter: AuditFilter,
  { limit, after, before, fromEnd }: Window,
): Promise<AuditEntry[]> {
  const statement = new Conditions(tenantId, filter);
  // Entries are in the order of their times. A cursor is an id alone, and its time is looked up.
  const beside = (sign: "<" | ">", id: number) => {
    const cursor = statement.bind(id, "bigint");
    return `(at, id) ${sign} ((SELECT at FROM audit_entry WHERE id = ${cursor}), ${cursor})`;
  };
  if (after !== null) statement.add(beside("<", after));
  if (before !== null) statement.add(beside(">", before));
  const direction = fromEnd ? "ASC" : "DESC";
  // Plan: the index of the filter, such as "audit_entry_actor"; without one "audit_entry_tenant".
  const { rows } = await pool.query<AuditEntry>(
    `SELECT ${COLUMNS} FROM audit_entry WHERE ${statement.where}
     ORDER BY at ${direction}, id ${direction} LIMIT ${statement.bind(limit + 1, "int")}`,
    statement.values,
  );
  return rows;
}

export async function readEntry(pool: pg.Pool, tenantId: TenantId, id: number): Promise<AuditEntry | null> {
  const { rows } = await pool.query<AuditEntry>(
    `SELECT ${COLUMNS} FROM audit_entry WHERE id = $1::bigint AND tenant_id = $2::text`,
    [id, tenantId],
  );
  return rows[0] ?? null;
}

export async function countEntries(pool: pg.Pool, tenantId: TenantId, filter: AuditFilter): Promise<number> {
  const { where, values } = new Conditions(tenantId, filter);
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM audit_entry WHERE ${where}`,
    values,
  );
  return rows[0]!.count;
}

/** Removes those that are older, in small batches; the number of them. */
export async function purgeEntries(pool: pg.Pool, olderThanDays: number): Promise<number> {
  const days = Math.max(olderThanDays, MIN_RETENTION_DAYS);
  for (let removed = 0; ; ) {
    const batch = await purgeBatch(pool, days);
    removed += batch;
    if (batch < PURGE_SIZE) return removed;
  }
}

class Conditions {
  readonly values: unknown[] = [];
  private readonly conditions: string[];

  constructor(tenantId: TenantId, filter: AuditFilter) {
    const { actor, action, target, correlationId, refused, since, until } = filter;
    this.conditions = [filter.nobodys ? "tenant_id IS NULL" : `tenant_id = ${this.bind(tenantId, "text")}`];
    if (actor !== undefined) this.add(`actor = ${this.bind(actor, "text")}`);
    if (action !== undefined) this.add(`action = ${this.bind(action, "text")}`);
    if (target !== undefined) this.add(`target = ${this.bind(target, "text")}`);
    if (correlationId !== undefined) this.add(`correlation_id = ${this.bind(correlationId, "text")}`);
    if (refused !== undefined) this.add(refused ? "refused IS NOT NULL" : "refused IS NULL");
    if (since) this.add(`at >= ${this.bind(since, "timestamptz")}`);
    if (until) this.add(`at < ${this.bind(until, "timestamptz")}`);
  }

  get where(): string {
    return this.conditions.join(" AND ");
  }

  add(condition: string): void {
    this.conditions.push(condition);
  }

  bind(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

async function purgeBatch(pool: pg.Pool, days: number): Promise<number> {
  return transaction(
    pool,
    async (client) => {
      await client.query("SET LOCAL stepwire.audit_retention = 'on'");
      const { rowCount } = await client.query(
        // Plan: "audit_entry_at".
        `DELETE FROM audit_entry WHERE id IN (
           SELECT id FROM audit_entry WHERE at < now() - $1::int * interval '1 day'
           ORDER BY at LIMIT $2::int FOR UPDATE SKIP LOCKED
         )`,
        [days, PURGE_SIZE],
      );
      return rowCount ?? 0;
    },
    PURGE_STATEMENT_MS,
  );
}
