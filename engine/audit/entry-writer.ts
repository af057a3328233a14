import type pg from "pg";
import type { TenantId } from "../model/index.ts";
import { withoutDeadline } from "../runtime/index.ts";

/** A row of the audit log, as it goes into the statement. */
export interface NewEntry {
  readonly tenantId: TenantId | null;
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
/** While Postgres does not answer, memory ends here: what is refused goes to the service's log. */
const MAX_GATHERED = 10_000;
/** How long an entry that nobody waits for gathers others: their commits would compete with those of the journal. */
const GATHER_MS = 50;

/**
 * Stores entries in groups: what gathers while a statement is under way goes out with the next. So audited requests
 * share commits, and one connection of the pool is all they ever take.
 */
export class EntryWriter {
  private gathered: { readonly entry: NewEntry; readonly settled: PromiseWithResolvers<void> }[] = [];
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** Somebody waits for an entry that is gathered. */
  private isUrgent = false;

  constructor(private readonly pool: pg.Pool) {}

  /** Resolves when it is stored. */
  write(entry: NewEntry, isUrgent: boolean): Promise<void> {
    if (this.gathered.length >= MAX_GATHERED) return Promise.reject(new Error("Too many entries wait to be stored"));
    const settled = Promise.withResolvers<void>();
    this.gathered.push({ entry, settled });
    if (isUrgent) this.hurry();
    else this.arm();
    return settled.promise;
  }

  /** Stores what is gathered. */
  async close(): Promise<void> {
    this.hurry();
    await this.writing;
  }

  private hurry(): void {
    this.isUrgent = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    // For many, of whom one has asked.
    this.writing ??= withoutDeadline(() => this.writeAll());
  }

  private arm(): void {
    if (this.writing || this.timer) return;
    this.timer = setTimeout(() => this.hurry(), GATHER_MS);
  }

  private async writeAll(): Promise<void> {
    // What the same turn of the event loop asks for goes together.
    await new Promise(setImmediate);
    while (this.gathered.length > 0 && (this.isUrgent || this.gathered.length >= MAX_BATCH)) {
      const batch = this.gathered.splice(0, MAX_BATCH);
      // Whoever came in after that many is still waited for.
      this.isUrgent = this.gathered.length > 0;
      await this.store(batch);
    }
    this.writing = null;
    if (this.gathered.length > 0) this.arm();
  }

  private async store(batch: typeof this.gathered): Promise<void> {
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
