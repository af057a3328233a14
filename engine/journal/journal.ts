import pg from "pg";
import { DomainError } from "../errors.ts";
import type { ExecutionEvent } from "../execution/events.ts";
import type { ExecutionRecord } from "../execution/state.ts";
import type { Flush } from "../observer.ts";
import type { Probe } from "../probe.ts";
import type { Draft, JournalEntry } from "./entry.ts";
import { type FlushRows, flushParameters, flushSql, fullFlushSql, isFull } from "./statement.ts";

/**
 * Two connections: while Postgres syncs one flush, the next is built and sent. A third gained nothing on two cores.
 */
const LANES = 2;
/** Bounds the latency of those who are in a flush, and the size of its message. */
const MAX_EVENTS_PER_FLUSH = 4_000;
/** Characters of their data, which the rows of steps repeat. The entry that passes it is still taken whole. */
const MAX_SIZE_PER_FLUSH = 8 * 1024 * 1024;
/** A flush that takes longer is given up and asked after: the connection is taken for dead. */
const FLUSH_TIMEOUT_MS = 30_000;
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 2_000;

/** What happened to the journal so far: for metrics and benchmarks. */
export interface JournalStats {
  flushes: number;
  events: number;
  executions: number;
}

export interface JournalHooks {
  /** After the commit, in order of seq per execution. `deliveries`: rows that it put into the outbox. Must not throw. */
  published(execution: ExecutionRecord, events: readonly ExecutionEvent[], deliveries: number): void;
  /** Executions that a commit made runnable: children, and receivers of signals. */
  runnable(executionIds: readonly number[]): void;
  warn(message: string, error: unknown): void;
  /** A flush is committed and published. */
  flushed?: ((flush: Flush) => void) | undefined;
  readonly probe?: Probe | undefined;
}

/**
 * Group commit: all changes that gathered while the writer was busy go out as one statement.
 * Nothing waits for a timer. An execution is in one flush at a time, so its events are stored in order.
 */
export class Journal {
  readonly stats: JournalStats = { flushes: 0, events: 0, executions: 0 };
  private readonly lanes: Lane[];
  private readonly dirty = new Set<JournalEntry>();
  private scheduled = false;
  private closed = false;

  private constructor(
    lanes: Lane[],
    private readonly hooks: JournalHooks,
  ) {
    this.lanes = lanes;
  }

  static async open(url: string, hooks: JournalHooks): Promise<Journal> {
    const lanes = Array.from({ length: LANES }, (_, i) => new Lane(url, i, hooks));
    await Promise.all(lanes.map((lane) => lane.connect()));
    return new Journal(lanes, hooks);
  }

  /** Says that the entry has changes. They are taken once this turn of the event loop has made all it can. */
  changed(entry: JournalEntry): void {
    if (!entry.dirty || entry.inFlight !== null) return;
    this.dirty.add(entry);
    this.schedule();
  }

  /** Stores what is pending, then closes. */
  async close(): Promise<void> {
    while (this.dirty.size > 0 || this.lanes.some((lane) => lane.busy)) {
      this.flushFreeLanes();
      await Promise.all(this.lanes.map((lane) => lane.idle));
    }
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flushFreeLanes();
    });
  }

  private flushFreeLanes(): void {
    for (const lane of this.lanes) {
      if (this.dirty.size === 0) return;
      if (!lane.busy) lane.busy = this.flush(lane, this.gather()).finally(() => lane.release(() => this.schedule()));
    }
  }

  private gather(): Draft[] {
    const drafts: Draft[] = [];
    let events = 0;
    let size = 0;
    for (const entry of this.dirty) {
      this.dirty.delete(entry);
      size += entry.pendingSize;
      const draft = entry.drain();
      drafts.push(draft);
      events += draft.events.length;
      if (events >= MAX_EVENTS_PER_FLUSH || size >= MAX_SIZE_PER_FLUSH) break;
    }
    return drafts;
  }

  private async flush(lane: Lane, drafts: readonly Draft[]): Promise<void> {
    let accepted: ReadonlySet<number>;
    const sentAt = performance.now();
    try {
      accepted = await lane.write(drafts);
    } catch (error) {
      // Postgres refuses the data itself. One bad row must not hold up the others: find it by writing each alone.
      if (drafts.length > 1) for (const draft of drafts) await this.flush(lane, [draft]);
      else for (const draft of drafts) this.fail(draft, error);
      return;
    }
    const committedAt = performance.now();
    const eventsBefore = this.stats.events;
    this.stats.flushes += 1;
    for (const draft of drafts) this.settle(draft, accepted.has(draft.entry.state.execution.id));
    this.hooks.flushed?.({
      executions: accepted.size,
      events: this.stats.events - eventsBefore,
      commitMs: committedAt - sentAt,
      publishMs: performance.now() - committedAt,
    });
  }

  private settle(draft: Draft, accepted: boolean): void {
    if (!accepted) {
      const { id } = draft.entry.state.execution;
      this.fail(draft, new DomainError("LEASE_LOST", `Execution ${id} is held by another worker`));
      return;
    }
    this.stats.events += draft.events.length;
    this.stats.executions += 1;
    draft.entry.inFlight = null;
    draft.settled.resolve();
    this.hooks.published(draft.entry.state.execution, draft.events, draft.deliveries);
    for (const child of draft.children) this.hooks.published(child.state.execution, [child.created], 0);
    if (draft.children.length > 0 || draft.signalled.length > 0) {
      this.hooks.runnable([...draft.children.map((child) => child.state.execution.id), ...draft.signalled]);
    }
    this.changed(draft.entry);
  }

  private fail(draft: Draft, error: unknown): void {
    draft.entry.inFlight = null;
    this.dirty.delete(draft.entry);
    draft.settled.reject(error);
    draft.entry.refuse(error);
  }
}

/** One connection and the flush that is under way on it. */
class Lane {
  busy: Promise<void> | null = null;
  private client: pg.Client | null = null;

  constructor(
    private readonly url: string,
    private readonly number: number,
    private readonly hooks: JournalHooks,
  ) {}

  get idle(): Promise<void> {
    return this.busy ?? Promise.resolve();
  }

  release(then: () => void): void {
    this.busy = null;
    then();
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: "stepwire-journal",
      query_timeout: FLUSH_TIMEOUT_MS,
      // The arrays are small and the tables are not: never scan a table, whatever the statistics say.
      options: "-c enable_seqscan=off -c enable_mergejoin=off",
    });
    client.on("error", () => {
      if (this.client === client) this.client = null;
    });
    await client.connect();
    this.client = client;
    return client;
  }

  async close(): Promise<void> {
    await this.client?.end().catch(() => {});
  }

  /**
   * Writes until Postgres has answered. When the connection breaks, nobody knows whether the commit got through:
   * the repeat is then refused by the fence, and `last_seq` tells which it was.
   */
  async write(drafts: readonly Draft[]): Promise<Set<number>> {
    const rows: FlushRows = {
      newExecutions: [],
      changedExecutions: [],
      newSteps: [],
      changedSteps: [],
      events: [],
      sentSignals: [],
      takenSignals: [],
      counts: [],
      deliveries: [],
      descendants: [],
    };
    for (const draft of drafts) draft.fill(rows);
    const values = flushParameters(this.number, rows);
    const statement = isFull(rows)
      ? { name: "journal-flush-full", text: fullFlushSql }
      : { name: "journal-flush", text: flushSql };
    for (
      let waitMs = RECONNECT_MIN_MS, repeat = false;
      ;
      repeat = true, waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS)
    ) {
      try {
        const client = this.client ?? (await this.connect());
        this.hooks.probe?.("commit.before");
        const result = await client.query<{ id: number }>({ ...statement, values });
        this.hooks.probe?.("commit.after");
        const accepted = new Set(result.rows.map((row) => row.id));
        return repeat && accepted.size < drafts.length ? await this.alreadyStored(client, drafts, accepted) : accepted;
      } catch (error) {
        if (isDataError(error)) throw error;
        this.hooks.warn("The journal lost its connection to Postgres and tries again", error);
        this.client?.end().catch(() => {});
        this.client = null;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  private async alreadyStored(
    client: pg.Client,
    drafts: readonly Draft[],
    accepted: Set<number>,
  ): Promise<Set<number>> {
    const { rows } = await client.query<{ id: number; epoch: number; last_seq: number }>(
      "SELECT id, epoch, last_seq FROM execution WHERE id = ANY($1::bigint[])",
      [drafts.map((draft) => draft.entry.state.execution.id)],
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    for (const draft of drafts) {
      const row = stored.get(draft.entry.state.execution.id);
      if (row && row.epoch === draft.entry.epoch && row.last_seq === draft.lastSeq) accepted.add(row.id);
    }
    return accepted;
  }
}

/** SQLSTATE classes 22 (data), 23 (constraint), 42 (statement) and 54 (limits): the same again would fail again. */
function isDataError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^(22|23|42|54)[0-9A-Z]{3}$/.test(code);
}
