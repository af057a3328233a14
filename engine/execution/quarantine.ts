import type pg from "pg";
import type { EngineLogger } from "../model/index.ts";
import { beginLife, endLife, putOnTrial, type Suspect } from "../store/index.ts";

/** An end without progress is no proof: whoever kills a process by hand may do it again. Three, the last one alone, are. */
const ENDS_OF_POISON = 3;
/** How long suspects of two ends are watched alone. Twice as long with each end more: what kills late is found, too. */
const TRIAL_MS = 5_000;
const MAX_TRIAL_MS = 60_000;

interface QuarantineDeps {
  readonly pool: pg.Pool;
  readonly log: EngineLogger;
  now(): number;
  /** Takes executions in hand. */
  take(ids: readonly number[]): Promise<void>;
  /** Everybody may be taken in hand again. */
  opened(): void;
  /** Default: 5,000. */
  readonly trialMs?: number;
}

/**
 * Finds out which execution it is that ends the process, whatever it does. All that was in hand at an end that nobody asked
 * for is suspected. What was so twice, without progress, is taken up again alone before anything else: one execution, or
 * after one that did nothing for its time twice as many, so that ten thousand that wait for an answer are through in
 * fourteen times. Who was alone in hand at its third end is failed (decisions/032-poison.md).
 */
export class Quarantine {
  /** Of executions that are to be failed: at how many ends they were in hand. */
  private readonly poisonous = new Map<number, number>();
  private readonly onTrial = new Set<number>();
  private readonly stopping = new AbortController();
  private life = 0;
  private settled: (() => void) | null = null;
  private running: Promise<void> = Promise.resolve();
  private isGuilty = false;
  /** Nothing is taken in hand but by trials. */
  isOn = false;

  constructor(private readonly deps: QuarantineDeps) {}

  /** Before anything is taken in hand in this life of the worker. */
  async begin(): Promise<void> {
    const { life, suspects } = await beginLife(this.deps.pool, this.deps.now());
    this.life = life;
    if (suspects.length === 0) return;
    for (const { id, ends, wasAlone } of suspects) if (wasAlone && ends >= ENDS_OF_POISON) this.poisonous.set(id, ends);
    this.isOn = true;
    this.running = this.tryAll(suspects);
  }

  /** At how many ends it was in hand, when it is to be failed for that. */
  endsOf(executionId: number): number | undefined {
    return this.poisonous.get(executionId);
  }

  /** It got further, or is out of hand. */
  progressed(executionId: number): void {
    if (this.onTrial.delete(executionId) && this.onTrial.size === 0) this.settled?.();
  }

  /** The process stops by a fault of ours: what is in hand may have brought it about. */
  accuse(): void {
    this.isGuilty = true;
  }

  /** Nothing is in hand any more, and none of it ended the process. */
  async end(): Promise<void> {
    this.stopping.abort();
    await this.running;
    if (!this.isGuilty && this.life > 0) await endLife(this.deps.pool, this.life).catch(() => {});
  }

  private async tryAll(suspects: readonly Suspect[]): Promise<void> {
    const { pool, log, opened } = this.deps;
    log("warning", "Processes ended with the same executions in hand: these go on first, by themselves", {
      executions: suspects.length,
    });
    try {
      let size = 1;
      for (let at = 0; at < suspects.length && !this.stopping.signal.aborted; ) {
        const group = suspects.slice(at, at + size);
        at += group.length;
        size = (await this.try(group)) ? 1 : size * 2;
      }
      await putOnTrial(pool, []);
    } catch (error) {
      log("error", "Could not find out what ended the process: everything goes on at once", { error: String(error) });
    }
    this.isOn = false;
    opened();
  }

  /** Whether all of them got further in their time. */
  private async try(group: readonly Suspect[]): Promise<boolean> {
    const ids = group.map(({ id }) => id);
    await putOnTrial(this.deps.pool, ids);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = resolve;
    for (const id of ids) this.onTrial.add(id);
    await this.deps.take(ids);
    const timer = setTimeout(
      resolve,
      Math.min((this.deps.trialMs ?? TRIAL_MS) * 2 ** (group[0]!.ends - 2), MAX_TRIAL_MS),
    );
    this.stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    const isThrough = this.onTrial.size === 0;
    this.onTrial.clear();
    return isThrough;
  }
}
