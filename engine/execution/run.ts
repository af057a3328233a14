import type { Plan } from "../definition/index.ts";
import { JournalEntry } from "../journal/index.ts";
import {
  DomainError,
  type EventData,
  type EventType,
  type ExecutionEvent,
  type ExecutionRecord,
  type ExecutionState,
  type Failure,
  isExecutionOver,
  isGivenUp,
  type JsonObject,
  type Outcome,
  type Signal,
  type StepRecord,
} from "../model/index.ts";
import { beginnings } from "../store/index.ts";
import { deliveriesOf } from "../webhook/index.ts";
import type { Away } from "./attempt.ts";
import { Frontier } from "./frontier.ts";
import { Inbox } from "./inbox.ts";
import { StepOutputs } from "./outputs.ts";
import { ownPlace, type Place } from "./place.ts";
import type { RunPorts } from "./ports.ts";
import { RunSecrets } from "./run-secrets.ts";
import type { Unit } from "./unit.ts";
import { unwind } from "./unwind.ts";
import { wakeDue } from "./wait.ts";
import { work } from "./work.ts";

/** After so many units without a pause, other work of the process gets its turn. */
const UNITS_PER_TURN = 100;

/**
 * One execution in the hands of this process: the only writer of it. Everything that happens is an event, recorded
 * in the journal's entry; `advance` looks at what is known and begins whatever can begin.
 */
export class ExecutionRun {
  readonly entry: JournalEntry;
  readonly state: ExecutionState;
  frontier: Frontier;
  readonly inbox = new Inbox();
  readonly secrets: RunSecrets;
  /** What it was started with, as expressions see it. */
  readonly trigger: JsonObject;
  readonly outputs: StepOutputs;
  /** Controllers of the attempts in hand, by record id. */
  readonly attempts = new Map<number, AbortController>();
  /** Something came of it in these hands, not only a beginning. */
  gotFurther = false;
  /** Reads of signals that are under way. */
  pokes = 0;
  /** The time that the dispatcher was last told of. */
  armedAt: number | null = null;
  private inHand = 0;
  /** Signal of the command that is being acted on, until an event names it. */
  private asked: number | null = null;
  /** Of what is in hand, how much waits for an answer from outside: while all of it does, others may compute. */
  private awayCount = 0;
  readonly away: Away = {
    begin: () => {
      this.awayCount += 1;
      if (this.awayCount === this.inHand) this.place.leave();
    },
    end: () => {
      this.awayCount -= 1;
      return this.place.enter();
    },
  };
  /** What begins next waits for memory; aborted when nothing is to begin. */
  private readonly pausing = new AbortController();
  private turns = 0;
  private refused = false;
  /** Abandoned though it still is this process's to run. */
  faulted = false;
  /** Why what it brought cannot be stored. */
  unstorable: string | null = null;
  private draining = false;
  private idleCallback: () => void = () => {};

  constructor(
    state: ExecutionState,
    epoch: number,
    created: ExecutionEvent | null,
    readonly plan: Plan,
    readonly ports: RunPorts,
    readonly place: Place = ownPlace,
  ) {
    this.state = state;
    this.secrets = new RunSecrets(state.execution.id, ports);
    this.trigger = this.secrets.triggerOf(state.execution);
    this.entry = new JournalEntry(state, epoch, created);
    this.entry.onRefused = (error) => {
      // Not a fence: nobody else has it, and the same data would be refused again.
      if (!(error instanceof DomainError)) this.unstorable = String(error);
      this.abandon(error);
    };
    this.frontier = new Frontier(plan.definition, state);
    this.outputs = new StepOutputs(this.secrets, state);
  }

  get execution(): ExecutionRecord {
    return this.state.execution;
  }

  /** Nothing is in hand: all that is left waits, or the execution is over. It can be let go of once it is stored. */
  get idle(): boolean {
    return this.inHand === 0;
  }

  /** Called whenever the run has come to rest. */
  set onIdle(callback: () => void) {
    this.idleCallback = callback;
  }

  /** `sealed`: what `data` shows as `***`, encrypted. */
  emit<T extends EventType>(type: T, stepId: number | null, data: EventData[T], sealed?: string): void {
    const asked = this.asked === null ? data : { ...data, signal_id: this.asked };
    this.asked = null;
    const event = this.entry.record(type, stepId, asked, this.ports.now(), sealed);
    this.gotFurther ||= !beginnings.includes(type);
    const { webhooks } = this.plan.definition;
    if (webhooks.length > 0) this.entry.deliver(deliveriesOf(webhooks, this.state, event));
  }

  step(id: number): StepRecord {
    return this.state.steps.get(id)!;
  }

  /** Acts on a command: the first event that it causes names its signal, so that whoever sent it knows. */
  acting<T>(signalId: number, act: () => T): T {
    this.asked = signalId;
    try {
      return act();
    } finally {
      this.asked = null;
    }
  }

  /** New signals were read, or a time has come. */
  poke(signals: readonly Signal[]): void {
    this.inbox.add(signals);
    this.advance();
  }

  /** Begins whatever can begin. Safe to call at any time. */
  advance(): void {
    if (this.refused) {
      if (this.idle) this.idleCallback();
      return;
    }
    try {
      this.inbox.handle(this);
      if (!isExecutionOver(this.execution.status)) this.progress();
      this.ports.changed(this.entry);
      this.place.weigh(this.entry.size);
    } catch (error) {
      this.fault(error);
    }
    if (this.idle) this.idleCallback();
    else if (this.awayCount === this.inHand) this.place.leave();
  }

  /** Gives the work up: what is in hand is aborted, what waits is cancelled, what is done is undone. */
  stop(outcome: Outcome, error: Failure, compensate = true): void {
    if (isGivenUp(this.execution) || isExecutionOver(this.execution.status)) return;
    this.emit("execution.stopping", null, { outcome, error, compensate });
    this.frontier.ready.length = 0;
    this.pausing.abort();
    for (const controller of this.attempts.values()) controller.abort(new Error(`The execution is ${outcome}`));
    for (const id of [...this.frontier.waiting]) {
      const { wait, name } = this.step(id);
      // A child is asked to end first; its end comes back as a signal.
      if (wait?.kind === "execution") {
        this.entry.send(wait.execution_id, { kind: "cancel", compensate, reason: `Its parent is ${outcome}` });
      } else {
        this.frontier.waiting.delete(id);
        this.emit("step.cancelled", id, { name, reason: `The execution is ${outcome}` });
      }
    }
  }

  /** The state was changed by hand (a retry): what can begin is worked out anew. */
  replan(): void {
    this.frontier = new Frontier(this.plan.definition, this.state);
    this.outputs.restore(this.state);
  }

  /** A wait has ended, so the execution runs again. */
  woken(): void {
    if (this.execution.status === "waiting") this.emit("execution.woken", null, {});
  }

  private progress(): void {
    if (this.execution.status === "pending" && !isGivenUp(this.execution)) {
      const deadline = this.ports.now() + this.plan.timeoutSeconds * 1_000;
      this.emit("execution.started", null, { deadline_at: new Date(deadline).toISOString() });
    }
    const { deadlineAt, status } = this.execution;
    if (status === "paused" || this.draining) return;
    if (!isGivenUp(this.execution) && deadlineAt !== null && this.ports.now() >= deadlineAt) {
      const message = `The execution took longer than timeout_seconds (${this.plan.timeoutSeconds} s)`;
      this.stop("timed_out", { code: "TIMEOUT", message });
    }
    wakeDue(this);
    while (!isGivenUp(this.execution) && this.frontier.ready.length > 0) {
      if (++this.turns % UNITS_PER_TURN === 0) {
        this.hold(new Promise((resolve) => setImmediate(resolve)));
        return;
      }
      this.begin(this.frontier.ready.shift()!);
    }
    if (isGivenUp(this.execution)) unwind(this);
    else if (this.idle) {
      if (this.frontier.done) this.end("none");
      else if (this.frontier.waiting.size === 0) throw new Error("Nothing is in hand, waits or can begin");
      else if (this.execution.status === "running") this.emit("execution.waiting", null, {});
    }
  }

  begin(unit: Unit): void {
    const waiting = this.place.enter() ?? this.place.pause(this.pausing.signal);
    this.hold(waiting === null ? work(this, unit) : this.beginLater(unit, waiting));
  }

  private async beginLater(unit: Unit, waiting: Promise<void>): Promise<void> {
    // Given up while it waited: it still has to settle.
    await waiting.catch(() => {});
    if (!this.refused && !this.draining) await work(this, unit);
  }

  hold(working: Promise<void>): void {
    this.inHand += 1;
    working
      .catch((error: unknown) => this.fault(error))
      .then(() => {
        this.inHand -= 1;
        this.advance();
      });
  }

  end(compensation: "none" | "completed" | "failed"): void {
    const { outcome } = this.execution;
    this.emit(`execution.${outcome ?? "completed"}`, null, { compensation_status: compensation });
    this.inbox.clear(this);
    this.tellParent();
  }

  /** How it has ended. */
  tellParent(): void {
    const { id, parentId, parentStepId, status } = this.execution;
    if (parentId === null || parentStepId === null) return;
    this.entry.send(parentId, { kind: "child", step_id: parentStepId, execution_id: id, status });
  }

  /** The process is about to stop: nothing new begins, and what is in hand may finish. */
  drain(): void {
    this.draining = true;
  }

  /** The process stops: what is in hand is left as it is, for whoever claims the execution next. */
  release(): void {
    this.refused = true;
    this.pausing.abort();
    for (const controller of this.attempts.values()) controller.abort(new Error("The process stops"));
  }

  /** Another worker has it. */
  lose(error: unknown): void {
    this.abandon(error);
  }

  /** Postgres could not be asked, or our own code is at fault. No write was refused: it can be taken up again. */
  private fault(error: unknown): void {
    if (!this.refused) this.faulted = true;
    this.abandon(error);
  }

  /** Another worker has it, or it cannot go on here: stop at once and write no more. */
  private abandon(error: unknown): void {
    if (this.refused) return;
    this.refused = true;
    this.pausing.abort();
    for (const controller of this.attempts.values()) controller.abort(error);
    this.ports.log("error", "Let go of an execution", {
      execution_id: this.execution.id,
      correlation_id: this.execution.correlationId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.idleCallback();
  }

  get abandoned(): boolean {
    return this.refused;
  }
}
