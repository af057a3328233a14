import type pg from "pg";
import { fenced } from "../runtime/index.ts";
import { FairQueue } from "../share/index.ts";
import { type Runnable, readRunnable } from "../store/index.ts";
import type { Consumer } from "./dispatcher.ts";

/** Those that were only heard of are looked up in pages of so many, and as many go to the consumer in one turn. */
const PAGE_SIZE = 500;
/** After Postgres could not be asked. */
const RETRY_MS = 1_000;

/**
 * Executions that are ready and wait for room, by tenant in turn: a tenant with a hundred thousand of them keeps nobody
 * else waiting. Of each only who it is and what it weighs is in memory.
 */
export class ReadyQueue {
  private readonly heard = new Set<number>();
  private readonly queued = new Map<number, Runnable>();
  private readonly lines = new FairQueue<Runnable>((one) => this.queued.get(one.id) !== one);
  private consumer: Consumer | null = null;
  private isLooking = false;
  private isPumping = false;

  constructor(private readonly pool: pg.Pool) {}

  get size(): number {
    return this.heard.size + this.queued.size;
  }

  start(consumer: Consumer): void {
    this.consumer = consumer;
    void this.look();
    this.pump();
  }

  stop(): void {
    this.consumer = null;
    this.clear();
  }

  /** All that is here is another worker's. */
  clear(): void {
    this.heard.clear();
    this.queued.clear();
    this.lines.clear();
  }

  /** One of which only the id is known. */
  hear(id: number): void {
    if (this.queued.has(id)) return;
    this.heard.add(id);
    void this.look();
  }

  add(runnable: Runnable): void {
    const { id, tenantId } = runnable;
    if (this.consumer?.holds(id) || this.queued.has(id)) return;
    this.heard.delete(id);
    this.queued.set(id, runnable);
    this.lines.push(tenantId, runnable);
    this.pump();
  }

  /** There may be room. */
  pump(): void {
    if (this.isPumping || this.queued.size === 0) return;
    this.isPumping = true;
    // Ids that gather in this turn go to the consumer together: one claim for all.
    setImmediate(() => {
      this.isPumping = false;
      this.handOut();
    });
  }

  private handOut(): void {
    const { consumer } = this;
    if (!consumer) return;
    const ids: number[] = [];
    while (ids.length < PAGE_SIZE) {
      const next = this.lines.shift((_, one) => consumer.holds(one.id) || consumer.admit(one));
      if (!next) break;
      this.queued.delete(next.id);
      ids.push(next.id);
    }
    if (ids.length > 0) consumer.take(ids);
    if (ids.length === PAGE_SIZE) this.pump();
  }

  private async look(): Promise<void> {
    if (this.isLooking || !this.consumer) return;
    this.isLooking = true;
    try {
      while (this.heard.size > 0) {
        const ids = [...this.heard].slice(0, PAGE_SIZE);
        const found = await readRunnable(this.pool, ids);
        for (const id of ids) this.heard.delete(id);
        for (const runnable of found) this.found(runnable);
      }
    } catch {
      setTimeout(
        fenced("dispatch timer", () => this.look()),
        RETRY_MS,
      ).unref();
    } finally {
      this.isLooking = false;
    }
  }

  /** It may have been taken over while it was looked up: then somebody has news for it. */
  private found(runnable: Runnable): void {
    if (this.consumer?.holds(runnable.id)) this.consumer.take([runnable.id]);
    else this.add(runnable);
  }
}
