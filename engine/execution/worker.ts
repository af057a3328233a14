import type pg from "pg";
import type { Plan } from "../definition/index.ts";
import { type Consumer, type Dispatcher, takenOver } from "../dispatch/index.ts";
import type { Journal, JournalEntry } from "../journal/index.ts";
import { create, type ExecutionEvent, isGivenUp, isPassing, type TenantId, wakeAt } from "../model/index.ts";
import type { Probe } from "../runtime/index.ts";
import { type Claim, claimExecutions, type Runnable, readRunnable, readSignals } from "../store/index.ts";
import type { Place, Places } from "./place.ts";
import { failAsPoisoned } from "./poison.ts";
import type { RunPorts } from "./ports.ts";
import { Quarantine } from "./quarantine.ts";
import { ExecutionRun } from "./run.ts";

export interface WorkerDeps {
  readonly pool: pg.Pool;
  readonly journal: Journal;
  readonly dispatcher: Dispatcher;
  readonly ports: RunPorts;
  plan(workflowId: number, version: number, triggerIsSecret: boolean): Promise<Plan>;
  readonly places: Places;
  readonly probe?: Probe | undefined;
}

const CLAIM_RETRY_MS = 1_000;
const FAULT_RETRY_MS = 5_000;
const RELEASE_LIMIT_MS = 2_000;
/** The definition of an execution that was taken over is beyond us. */
const PLAN_RETRY_MS = 60_000;

interface Claiming {
  poked: boolean;
  readonly place: Place;
}

/**
 * Holds the executions that are in hand in this process. An execution is here only while something of it runs:
 * when all that is left waits, it is let go of, and is a row.
 */
export class Worker implements Consumer {
  private readonly runs = new Map<number, ExecutionRun>();
  /** Room that is kept for what is about to be taken. */
  private readonly admitted = new Map<number, Place>();
  /** Being claimed; a poke that comes meanwhile finds its signals in the claim, or after it. */
  private readonly claiming = new Map<number, Claiming>();
  /** Executions that brought what cannot be stored, and why: once more from where they were, and it would come again. */
  private readonly unstorable = new Map<number, string>();
  private readonly quarantine: Quarantine;
  private stopping = false;
  private emptied: (() => void) | null = null;

  constructor(private readonly deps: WorkerDeps) {
    const { pool, ports, dispatcher } = deps;
    this.quarantine = new Quarantine({
      pool,
      now: ports.now,
      log: ports.log,
      take: (ids) => this.takeAlone(ids),
      opened: () => dispatcher.capacityFreed(),
    });
  }

  arrive(): Promise<void> {
    return this.quarantine.begin();
  }

  admit({ id, tenantId, size }: Runnable): boolean {
    const place = this.place(tenantId, size);
    if (place) this.admitted.set(id, place);
    return place !== null;
  }

  /** For a new execution that holds so much; null when it has to wait. To be given to `begin`. */
  place(tenantId: TenantId, size: number): Place | null {
    if (this.stopping || this.quarantine.isOn || !this.isHolder) return null;
    return this.deps.places.take(tenantId, size);
  }

  /** Whether this process may take executions over now. */
  private get isHolder(): boolean {
    return this.deps.ports.held() === null;
  }

  holds(executionId: number): boolean {
    return this.runs.has(executionId) || this.claiming.has(executionId);
  }

  get size(): number {
    return this.runs.size;
  }

  /** Begins a new execution here and now; it is stored with whatever it gets done at once. `prepare` gives it steps. */
  begin(created: ExecutionEvent, plan: Plan, place: Place, prepare?: (entry: JournalEntry) => void): ExecutionRun {
    const run = new ExecutionRun(create(created), 1, created, plan, this.deps.ports, place);
    if (prepare) {
      prepare(run.entry);
      run.replan();
    }
    this.hold(run);
    run.advance();
    return run;
  }

  take(executionIds: readonly number[]): void {
    const unknown = new Map<number, Claiming>();
    for (const id of executionIds) {
      const claim = this.claiming.get(id);
      const run = this.runs.get(id);
      const place = this.admitted.get(id);
      this.admitted.delete(id);
      if (claim) claim.poked = true;
      else if (run) void this.poke(run);
      else if (place && !this.stopping) {
        const claiming = { poked: false, place };
        this.claiming.set(id, claiming);
        unknown.set(id, claiming);
        continue;
      }
      place?.close();
    }
    if (unknown.size > 0) void this.claim(unknown);
  }

  /** Another worker has taken over: nothing is written any more, and what waits here for Postgres is refused by its epoch. */
  letGoOfAll(): void {
    for (const run of [...this.runs.values()]) run.lose(takenOver());
  }

  /** From now on nothing is taken over or begun here; what is in hand goes on. After a fault it may have brought that about. */
  drain(isFault: boolean): void {
    this.stopping = true;
    if (isFault) this.quarantine.accuse();
  }

  /** Waits for what is in hand, at most until `deadline`; the rest is handed back by letting go of it. */
  async stop(deadline: Promise<void>): Promise<void> {
    this.stopping = true;
    for (const run of [...this.runs.values()]) {
      run.drain();
      this.letGo(run);
    }
    const empty = new Promise<void>((resolve) => {
      this.emptied = resolve;
      this.checkEmpty();
    });
    await Promise.race([empty, deadline]);
    for (const run of [...this.runs.values()]) {
      run.release();
      this.letGo(run);
    }
    // Claims, and reads of what was released, must not outlive the pools: they are short, unless Postgres is away.
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RELEASE_LIMIT_MS);
    });
    await Promise.race([empty, limit]);
    clearTimeout(timer);
    await this.quarantine.end();
  }

  /** A flush has stored changes of an execution: its timers may be different now. */
  stored(executionId: number): void {
    const run = this.runs.get(executionId);
    if (!run) return;
    if (run.gotFurther) this.quarantine.progressed(executionId);
    const at = wakeAt(run.state);
    if (at !== run.armedAt) {
      run.armedAt = at;
      if (at !== null) this.deps.dispatcher.enqueue(executionId, at);
    }
    this.letGo(run);
  }

  private async claim(own: ReadonlyMap<number, Claiming>): Promise<void> {
    const ids = [...own.keys()];
    try {
      this.deps.probe?.("claim.before");
      const claims = await claimExecutions(this.deps.pool, ids);
      this.deps.probe?.("claim.after");
      await Promise.all(claims.map((claim) => this.resume(claim, own.get(claim.state.execution.id)!)));
    } catch (error) {
      this.deps.ports.log("error", "Could not take executions over; trying again", { error: String(error) });
      this.enqueueLater(ids, CLAIM_RETRY_MS);
    } finally {
      for (const [id, claiming] of own) {
        // One that was quickly let go of may be in another claim by now.
        if (this.claiming.get(id) !== claiming) continue;
        claiming.place.close();
        this.claiming.delete(id);
        this.unstorable.delete(id);
      }
      this.checkEmpty();
    }
  }

  private async resume({ state, epoch, signals }: Claim, claiming: Claiming): Promise<void> {
    const { id, workflowId, workflowVersion, correlationId, sealed } = state.execution;
    try {
      const plan = await this.deps.plan(workflowId, workflowVersion, sealed !== null);
      if (!this.isHolder) {
        // Claimed in vain: by now it may be another worker's, and if not it is to be claimed again.
        this.enqueueLater([id], CLAIM_RETRY_MS);
        return;
      }
      const run = new ExecutionRun(state, epoch, null, plan, this.deps.ports, claiming.place);
      this.hold(run);
      if (this.stopping) run.drain();
      const reason = this.unstorable.get(id);
      this.unstorable.delete(id);
      if (reason !== undefined) {
        run.stop("failed", { code: "OUTPUT_INVALID", message: `What it brought cannot be stored: ${reason}` });
      }
      const ends = this.quarantine.endsOf(id);
      if (ends !== undefined) {
        this.deps.ports.log("error", "An execution ended the process again and again: it fails", {
          execution_id: id,
          correlation_id: correlationId,
          ends,
        });
        failAsPoisoned(run, ends);
      }
      run.poke(signals);
      if (claiming.poked) void this.poke(run);
    } catch (error) {
      // It stays as it is, and the others are not held up.
      const fields = { execution_id: id, correlation_id: correlationId, error: String(error) };
      this.deps.ports.log("error", "An execution cannot go on", fields);
      this.enqueueLater([id], isPassing(error) ? CLAIM_RETRY_MS : PLAN_RETRY_MS);
    }
  }

  /** As far as there is room for them; the others go on later, with everybody. */
  private async takeAlone(ids: readonly number[]): Promise<void> {
    const own = new Map<number, Claiming>();
    for (const { id, tenantId, size } of await readRunnable(this.deps.pool, ids)) {
      const place = this.holds(id) || this.stopping || !this.isHolder ? null : this.deps.places.take(tenantId, size);
      if (place) own.set(id, { poked: false, place });
    }
    for (const id of ids) if (!own.has(id)) this.quarantine.progressed(id);
    for (const [id, claiming] of own) this.claiming.set(id, claiming);
    if (own.size > 0) await this.claim(own);
  }

  private enqueueLater(ids: readonly number[], delayMs: number): void {
    setTimeout(() => {
      for (const id of ids) this.deps.dispatcher.enqueue(id, 0);
    }, delayMs).unref();
  }

  private hold(run: ExecutionRun): void {
    const { id } = run.execution;
    this.claiming.delete(id);
    this.runs.set(id, run);
    run.onIdle = () => this.letGo(run);
  }

  private async poke(run: ExecutionRun): Promise<void> {
    run.pokes += 1;
    try {
      const { id } = run.execution;
      const signals = await readSignals(this.deps.pool, [id]);
      run.pokes -= 1;
      run.poke(signals.get(id) ?? []);
    } catch (error) {
      run.pokes -= 1;
      const { id, correlationId } = run.execution;
      const fields = { execution_id: id, correlation_id: correlationId, error: String(error) };
      this.deps.ports.log("warning", "Could not read signals; trying again", fields);
      this.enqueueLater([id], CLAIM_RETRY_MS);
    }
  }

  /** All is stored, nothing is in hand and nobody is about to poke it: the row is enough. */
  private letGo(run: ExecutionRun): void {
    const { id } = run.execution;
    if (this.runs.get(id) !== run) return;
    if (this.stopping && (!run.idle || run.pokes > 0)) return;
    if (!run.abandoned && (!run.idle || run.pokes > 0 || run.entry.dirty || run.entry.inFlight !== null)) return;
    this.runs.delete(id);
    run.place.close();
    this.quarantine.progressed(id);
    if (run.faulted) this.enqueueLater([id], FAULT_RETRY_MS);
    // While it is being stopped it is left to its operator: to undo the same again and again would do harm.
    if (run.unstorable !== null && !isGivenUp(run.execution)) {
      this.unstorable.set(id, run.unstorable);
      this.enqueueLater([id], 0);
    }
    const at = run.abandoned ? null : wakeAt(run.state);
    if (at !== null) this.deps.dispatcher.enqueue(id, at);
    this.checkEmpty();
  }

  private checkEmpty(): void {
    if (this.runs.size === 0 && this.claiming.size === 0) this.emptied?.();
  }
}
