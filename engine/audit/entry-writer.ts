import type pg from "pg";

/** A row of the audit log, as it goes into the statement. */
export interface NewEntry {
  readonly tenantId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly correlationId: string | null;
  readonly refused: string | null;
  /** JSON text. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Bounds the message, and how many entries one failure can take along. */
const MAX_BATCH = 500;

/**
 * Stores entries in groups: what gathers while a statement is under way goes out with the next. So audited requests
 * share commits, and one connection of the pool is all they ever take.
 */
export class EntryWriter {
  private gathered: { readonly entry: NewEntry; readonly settled: PromiseWithResolvers<void> }[] = [];
  private writing: Promise<void> | null = null;

  constructor(private readonly pool: pg.Pool) {}

  /** Resolves when it is stored. */
  write(entry: NewEntry): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.gathered.push({ entry, settled });
    this.writing ??= this.writeAll();
    return settled.promise;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    // What the same turn of the event loop asks for goes together.
    await new Promise(setImmediate);
    while (this.gathered.length > 0) {
      const batch = this.gathered.splice(0, MAX_BATCH);
      try {
        await insert(
          this.pool,
          batch.map(({ entry }) => entry),
        );
        for (const { settled } of batch) settled.resolve();
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    this.writing = null;
  }
}

async function insert(pool: pg.Pool, entries: readonly NewEntry[]): Promise<void> {
  const column = (name: keyof NewEntry) => entries.map((entry) => entry[name]);
  await pool.query({
    name: "audit-record",
    text: `INSERT INTO audit_entry (tenant_id, actor, action, target, correlation_id, refused, before, after, at)
           SELECT tenant_id, actor, action, target, correlation_id, refused, before::json, after::json, now()
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             WITH ORDINALITY
             AS entry (tenant_id, actor, action, target, correlation_id, refused, before, after, number)
           ORDER BY number`,
    values: [
      column("tenantId"),
      column("actor"),
      column("action"),
      column("target"),
      column("correlationId"),
      column("refused"),
      column("before"),
      column("after"),
    ],
  });
}
