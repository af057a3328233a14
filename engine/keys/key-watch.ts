import type { EntityManager } from "@mikro-orm/postgresql";
import { type Clock, fenced, withoutDeadline } from "../runtime/index.ts";

/**
 * A connection whose key was revoked ends within a second, also when the bus lost the message. The look is one
 * statement, whatever the number of connections.
 */
const LOOK_EVERY_MS = 500;

/** Tells connections that stay open when their key stops being valid. */
export class KeyWatch {
  private readonly watched = new Map<number, Set<() => void>>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private isStale = false;

  constructor(
    private readonly em: () => EntityManager,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  /** Calls `ended` once, when the key is revoked or has expired. Returns what ends the watch. */
  watch(keyId: number, ended: () => void): () => void {
    const listeners = this.watched.get(keyId) ?? new Set();
    this.watched.set(keyId, listeners);
    const own = (): void => ended();
    listeners.add(own);
    this.timer ??= setInterval(
      fenced("key watch", () => this.look()),
      LOOK_EVERY_MS,
    ).unref();
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.watched.get(keyId) === listeners) this.watched.delete(keyId);
      if (this.watched.size === 0) this.stopTimer();
    };
  }

  /** A look now; what changes while one is under way is seen by another. */
  look(): Promise<void> {
    this.isStale = true;
    this.looking ??= withoutDeadline(() => this.lookUntilFresh()).finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  async close(): Promise<void> {
    this.stopTimer();
    this.watched.clear();
    await this.looking;
  }

  private async lookUntilFresh(): Promise<void> {
    while (this.isStale && this.watched.size > 0) {
      this.isStale = false;
      const ids = [...this.watched.keys()];
      const valid = await this.validOf(ids);
      for (const id of ids) if (valid && !valid.has(id)) this.end(id);
    }
  }

  /** Null: Postgres cannot say at the moment. Plan: "api_key_pkey". */
  private async validOf(ids: readonly number[]): Promise<ReadonlySet<number> | null> {
    const statement = `SELECT id FROM api_key WHERE id = ANY(?::int[])
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?::timestamptz)`;
    try {
      const rows = await this.em().execute<{ id: number }[]>(statement, [
        `{${ids.join()}}`,
        new Date(this.clock.now()).toISOString(),
      ]);
      return new Set(rows.map(({ id }) => id));
    } catch {
      return null;
    }
  }

  private end(keyId: number): void {
    const listeners = this.watched.get(keyId) ?? [];
    this.watched.delete(keyId);
    for (const listener of listeners) listener();
  }

  private stopTimer(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }
}
