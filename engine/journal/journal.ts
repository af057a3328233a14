import { LARGE } from "../large-json/index.ts";
import {
  DomainError,
  databaseUnavailable,
  type ExecutionEvent,
  type ExecutionRecord,
  type Flush,
  type Trouble,
} from "../model/index.ts";
import { type Probe, withoutDeadline } from "../runtime/index.ts";
import type { DatabaseLimits } from "../store/index.ts";
import type { Draft, JournalEntry } from "./entry.ts";
import { Lane } from "./lane.ts";

/**
 * Two connections: while Postgres syncs one flush, the next is built and sent. A third gained nothing on two cores.
 */
const LANES = 2;
/** Bounds the latency of those who are in a flush, and the size of its message. */
const MAX_EVENTS_PER_FLUSH = 4_000;
/** Characters of their data, which the rows of steps repeat. The entry that passes it is still taken whole. */
const MAX_SIZE_PER_FLUSH = 8 * 1024 * 1024;
/** What is not stored by then while Postgres is in trouble is left behind when the process ends. */
const CLOSE_LIMIT_MS = 1_500;
/** A flush that takes longer, or trouble that lasts longer, and whoever comes now is refused at once: nothing piles up. */
const OVERDUE_MS = 3_000;

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

export interface JournalHealth {
  /** What the last try met with. Null: none has failed since the last success. */
  readonly trouble: Trouble | null;
  /** ms since the first of these, or since the flush under way began; 0 when nothing waits. */
  readonly forMs: number;
}

/** Whether it has been so for longer than anybody should wait. */
export function isOverdue({ forMs }: JournalHealth): boolean {
  return forMs > OVERDUE_MS;
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
    for (const lane of lanes) lane.freed = () => this.schedule();
  }

  static async open(url: string, hooks: JournalHooks, limits?: DatabaseLimits): Promise<Journal> {
    const lanes = Array.from({ length: LANES }, (_, i) => new Lane(url, i, hooks, limits));
    await Promise.all(lanes.map((lane) => lane.connect()));
    return new Journal(lanes, hooks);
  }

  /** Says that the entry has changes. They are taken once this turn of the event loop has made all it can. */
  changed(entry: JournalEntry): void {
    if (!entry.dirty || entry.inFlight !== null) return;
    this.dirty.add(entry);
    this.schedule();
  }

  /**
   * Nobody waits any more for a new execution, and it shall not run if it can be helped: it is not sent, or not again,
   * unless nobody knows whether an earlier try has stored it.
   */
  withdraw(entry: JournalEntry): void {
    entry.isWithdrawn = true;
    if (!this.dirty.delete(entry)) return;
    this.refuse(entry.drain());
  }

  /** For /ready, and for who would have to wait: what keeps it from storing, and for how long already. */
  get health(): JournalHealth {
    return this.lanes.map((lane) => lane.health).reduce((one, other) => (other.forMs > one.forMs ? other : one));
  }

  /** Stores what is pending, then closes. While Postgres is in trouble it gives up after a moment: at once if that is old. */
  async close(): Promise<void> {
    const giveUp = setTimeout(
      () => {
        for (const lane of this.lanes) lane.giveUp();
      },
      isOverdue(this.health) ? 0 : CLOSE_LIMIT_MS,
    );
    while (this.dirty.size > 0 || this.lanes.some((lane) => lane.busy)) {
      this.flushFreeLanes();
      await Promise.all(this.lanes.map((lane) => lane.idle));
    }
    clearTimeout(giveUp);
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    // A flush is for many, and so is what is told after it.
    withoutDeadline(() =>
      setImmediate(() => {
        this.scheduled = false;
        this.flushFreeLanes();
      }),
    );
  }

  private flushFreeLanes(): void {
    for (const lane of this.lanes) {
      if (this.dirty.size === 0) return;
      if (lane.busy) continue;
      const drafts = this.gather();
      if (drafts.length === 0) return;
      lane.isLarge = drafts[0]!.broughtSize > LARGE;
      lane.busy = this.flush(lane, drafts).finally(() => lane.release());
    }
  }

  /**
   * What is large goes by itself, and in one lane at a time: it takes Postgres a second and more, for which nobody else is
   * to wait. Empty when nothing else is there.
   */
  private gather(): Draft[] {
    const mayBeLarge = !this.lanes.some((lane) => lane.busy && lane.isLarge);
    const drafts: Draft[] = [];
    let events = 0;
    let size = 0;
    for (const entry of this.dirty) {
      const isLarge = entry.pendingSize > LARGE;
      if (isLarge && (!mayBeLarge || drafts.length > 0)) continue;
      this.dirty.delete(entry);
      size += entry.pendingSize;
      const draft = entry.drain();
      drafts.push(draft);
      events += draft.events.length;
      if (events >= MAX_EVENTS_PER_FLUSH || size >= MAX_SIZE_PER_FLUSH || isLarge) break;
    }
    return drafts;
  }

  private async flush(lane: Lane, drafts: readonly Draft[]): Promise<void> {
    let accepted: ReadonlySet<number>;
    let withdrawn: readonly Draft[];
    const sentAt = performance.now();
    try {
      ({ accepted, withdrawn } = await lane.write(drafts));
    } catch (error) {
      if (error instanceof DomainError) {
        for (const draft of drafts) this.fail(draft, error);
        return;
      }
      // Postgres refuses the data itself. One bad row must not hold up the others: find it by writing each alone.
      if (drafts.length > 1) for (const draft of drafts) await this.flush(lane, [draft]);
      else for (const draft of drafts) this.fail(draft, error);
      return;
    }
    for (const draft of withdrawn) this.refuse(draft);
    const written = withdrawn.length === 0 ? drafts : drafts.filter((draft) => !withdrawn.includes(draft));
    if (written.length === 0) return;
    const committedAt = performance.now();
    const eventsBefore = this.stats.events;
    this.stats.flushes += 1;
    for (const draft of written) this.settle(draft, accepted.has(draft.entry.state.execution.id));
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

  private refuse(draft: Draft): void {
    const { id } = draft.entry.state.execution;
    this.fail(draft, databaseUnavailable(`Execution ${id} could not be stored in time: it does not run`));
  }

  private fail(draft: Draft, error: unknown): void {
    draft.entry.inFlight = null;
    this.dirty.delete(draft.entry);
    draft.settled.reject(error);
    draft.entry.refuse(error);
  }
}
