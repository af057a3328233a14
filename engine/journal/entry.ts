import { jsonSize } from "../large-json/index.ts";
import {
  apply,
  type EventData,
  type EventType,
  type ExecutionEvent,
  type ExecutionState,
  endingEvents,
  type JsonObject,
  type JsonValue,
  wakeAt,
} from "../model/index.ts";
import type { NewDelivery } from "../webhook/index.ts";
import type { FlushRows } from "./statement.ts";

/** A child execution that is stored together with the step that starts it. */
export interface Child {
  readonly state: ExecutionState;
  readonly created: ExecutionEvent;
}

/** What one flush took from an entry, and who waits for it. */
export interface Draft {
  readonly entry: JournalEntry;
  readonly events: readonly ExecutionEvent[];
  readonly children: readonly Child[];
  readonly signalled: readonly number[];
  /** Rows for the outbox. */
  readonly deliveries: number;
  /** `last_seq` once it is stored: tells a repeat whether the first try got through. */
  readonly lastSeq: number;
  readonly settled: Deferred;
  /** It makes the execution: until it is stored there is none. */
  readonly isFirst: boolean;
  /** Characters of JSON that it brings, and that its execution holds in all: rows are written whole. */
  readonly broughtSize: number;
  readonly heldSize: number;
  fill(rows: FlushRows): void;
}

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function deferred(): Deferred {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // A run that ended for another reason may not look any more; that must not be an unhandled rejection.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/**
 * The changes of one execution that are not stored yet. `record` applies an event to the state at once;
 * the next flush takes all that has gathered. Only the holder of the lease has one.
 */
export class JournalEntry {
  readonly state: ExecutionState;
  readonly epoch: number;
  /** The promise of the flush that is under way, then of the one that will take what is pending. */
  inFlight: Deferred | null = null;
  /** A new execution that nobody wants any more, unless it is stored already. */
  isWithdrawn = false;
  private pending: Deferred | null = null;
  private stored: boolean;
  private storedSeq: number;
  private readonly storedSteps: Set<number>;
  /** Characters of JSON that the execution holds: what it was started with, and its steps' inputs and outputs. */
  size: number;
  /** Those of them that the next flush takes. */
  pendingSize = 0;
  private events: ExecutionEvent[] = [];
  private readonly touched = new Set<number>();
  private children: Child[] = [];
  private sent: { executionId: number; data: JsonObject }[] = [];
  private taken: number[] = [];
  private deliveries: NewDelivery[] = [];

  /** `created`: the first event of an execution that is not in Postgres yet. */
  constructor(state: ExecutionState, epoch: number, created: ExecutionEvent | null) {
    this.state = state;
    this.epoch = epoch;
    this.stored = created === null;
    this.storedSeq = created === null ? state.execution.lastSeq : 0;
    this.storedSteps = new Set(created === null ? state.steps.keys() : []);
    this.size = sizeOf(state);
    if (created) {
      this.events.push(created);
      this.pendingSize = this.size;
      this.pending = deferred();
    }
  }

  /** `sealed`: what `data` shows as `***`, encrypted. */
  record<T extends EventType>(
    type: T,
    stepId: number | null,
    data: EventData[T],
    at: number,
    sealed?: string,
  ): ExecutionEvent {
    const seq = this.state.execution.lastSeq + 1;
    const plain = { executionId: this.state.execution.id, seq, type, stepId, data, at };
    const event = (sealed === undefined ? plain : { ...plain, sealed }) as unknown as ExecutionEvent;
    const before = stepId === null ? undefined : this.state.steps.get(stepId);
    apply(this.state, event);
    this.events.push(event);
    if ("input" in data) this.resize(before?.input, data.input);
    if ("output" in data) this.resize(before?.sealed ?? before?.output, sealed ?? data.output);
    if (stepId !== null) this.touched.add(stepId);
    this.pending ??= deferred();
    return event;
  }

  private resize(before: JsonValue | undefined, after: JsonValue | undefined): void {
    const size = jsonSize(after);
    this.size += size - jsonSize(before);
    this.pendingSize += size;
  }

  /** Puts messages into the outbox, in the same commit as the event that they tell of. */
  deliver(deliveries: readonly NewDelivery[]): void {
    this.deliveries.push(...deliveries);
  }

  /** Stores a child execution in the same commit as the step that waits for it. */
  spawn(child: Child): void {
    this.children.push(child);
    this.pending ??= deferred();
  }

  /** Leaves a signal for another execution, in the same commit as what caused it. */
  send(executionId: number, data: JsonObject): void {
    this.sent.push({ executionId, data });
    this.pending ??= deferred();
  }

  /** Removes a signal to this execution, in the same commit as what it caused. */
  take(signalId: number): void {
    this.taken.push(signalId);
    this.pending ??= deferred();
  }

  /** Set by whoever holds the run: it lets go of it when a write was refused. */
  onRefused: (error: unknown) => void = () => {};

  /** A write was refused: nothing that follows can be stored either. */
  refuse(error: unknown): void {
    this.pending?.reject(error);
    this.pending = null;
    this.onRefused(error);
  }

  get dirty(): boolean {
    return this.pending !== null;
  }

  /** Resolves when everything recorded so far is stored; rejects when it was refused. */
  committed(): Promise<void> {
    return (this.pending ?? this.inFlight)?.promise ?? Promise.resolve();
  }

  /** Hands what is pending to a flush. The rows are a snapshot: records are replaced, never changed. */
  drain(): Draft {
    const settled = this.pending ?? deferred();
    const { events, children, sent, taken, deliveries, storedSeq, stored, epoch, size } = this;
    const { execution } = this.state;
    const steps = [...this.touched].map((id) => this.state.steps.get(id)!);
    const known = steps.map((step) => this.storedSteps.has(step.id));
    const wake = wakeAt(this.state);
    const broughtSize = this.pendingSize;
    this.pending = null;
    this.inFlight = settled;
    this.pendingSize = 0;
    this.events = [];
    this.children = [];
    this.sent = [];
    this.taken = [];
    this.deliveries = [];
    this.touched.clear();
    this.stored = true;
    this.storedSeq = execution.lastSeq;
    for (const step of steps) this.storedSteps.add(step.id);
    return {
      entry: this,
      events,
      children,
      signalled: sent.map((signal) => signal.executionId),
      deliveries: deliveries.length,
      lastSeq: execution.lastSeq,
      settled,
      isFirst: !stored,
      broughtSize,
      heldSize: size,
      fill: (rows) => {
        const write = { record: execution, epoch, wakeAt: wake, size, previousSeq: storedSeq, guardId: null };
        (stored ? rows.changedExecutions : rows.newExecutions).push(write);
        if (!stored) descend(rows, execution);
        for (const child of children) {
          const record = child.state.execution;
          rows.newExecutions.push({
            record,
            epoch: 0,
            wakeAt: record.createdAt,
            size: sizeOf(child.state),
            previousSeq: 0,
            guardId: execution.id,
          });
          rows.events.push(child.created);
          descend(rows, record);
          count(rows, child.created, record);
        }
        steps.forEach((step, i) => {
          (known[i] ? rows.changedSteps : rows.newSteps).push({
            executionId: execution.id,
            tenantId: execution.tenantId,
            record: step,
          });
        });
        for (const event of events) {
          rows.events.push(event);
          count(rows, event, execution);
        }
        for (const signal of sent) rows.sentSignals.push({ guardId: execution.id, ...signal });
        rows.deliveries.push(...deliveries);
        for (const id of taken) rows.takenSignals.push({ id, executionId: execution.id });
      },
    };
  }
}

function sizeOf({ execution, steps }: ExecutionState): number {
  let size = jsonSize(execution.sealed ?? execution.triggerData);
  for (const { input, output, sealed } of steps.values()) size += jsonSize(input) + jsonSize(sealed ?? output);
  return size;
}

function descend(rows: FlushRows, { id, rootId }: ExecutionState["execution"]): void {
  if (rootId !== null) rows.descendants.push({ executionId: id, rootId });
}

function count(rows: FlushRows, event: ExecutionEvent, execution: ExecutionState["execution"]): void {
  const { id: executionId, tenantId, workflowId } = execution;
  const add = (counter: FlushRows["counts"][number]["counter"], delta: 1 | -1): void => {
    rows.counts.push({ executionId, tenantId, workflowId, at: event.at, counter, delta });
  };
  if (event.type === "execution.created") add("started", 1);
  else if (endingEvents.includes(event.type)) {
    add(event.type.slice("execution.".length) as "completed" | "failed" | "timed_out" | "cancelled", 1);
  } else if (event.type === "execution.reopened" || event.type === "execution.compensation_resumed") {
    add(event.data.was, -1);
  }
}
