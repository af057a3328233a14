import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AttemptEnd, Engine, ExecutionStatus, Flush } from "../../engine/index.ts";

/** Seconds: a pure step takes microseconds, a document's OCR half a minute. */
const stepBuckets = [0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];
/** Seconds: a commit takes a fraction of a millisecond on a fast disk, and seconds on a sick one. */
const commitBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const executionBuckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 86_400];
const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 4_000];

/** Every metric of the service; docs/operations.md says what each is for, and a test compares the two. */
export class Metrics {
  readonly registry = new Registry();
  private readonly started = this.counter("stepwire_executions_started_total", "Executions that were stored.", [
    "trigger",
  ]);
  private readonly ended = this.counter("stepwire_executions_ended_total", "Executions that ended.", ["outcome"]);
  private readonly poisoned = this.counter(
    "stepwire_executions_poisoned_total",
    "Executions that were failed because the process ended whenever they were in hand.",
    [],
  );
  private readonly removed = this.counter(
    "stepwire_executions_removed_total",
    "Executions that were removed, by their age or by hand.",
    [],
  );
  private readonly executionSeconds = this.histogram(
    "stepwire_execution_duration_seconds",
    "From the start of an execution to its end, its waits included.",
    ["outcome"],
    executionBuckets,
  );
  private readonly attemptSeconds = this.histogram(
    "stepwire_step_attempt_duration_seconds",
    "One call of a step type; what it waits as a row is not in it.",
    ["type", "result"],
    stepBuckets,
  );
  private readonly flushEvents = this.histogram(
    "stepwire_journal_batch_events",
    "Events that one commit of the journal stored.",
    [],
    batchBuckets,
  );
  private readonly flushExecutions = this.histogram(
    "stepwire_journal_batch_executions",
    "Executions that one commit of the journal served.",
    [],
    batchBuckets,
  );
  private readonly commitSeconds = this.histogram(
    "stepwire_journal_commit_seconds",
    "From sending a flush to Postgres' answer.",
    [],
    commitBuckets,
  );
  private readonly publishSeconds = this.histogram(
    "stepwire_event_publish_lag_seconds",
    "From the commit to the last of its events being handed to the bus.",
    [],
    commitBuckets,
  );
  private readonly httpSeconds = this.histogram(
    "stepwire_http_request_duration_seconds",
    "HTTP requests, by the pattern of their route.",
    ["method", "route", "status"],
    requestBuckets,
  );
  private readonly graphqlSeconds = this.histogram(
    "stepwire_graphql_operation_duration_seconds",
    "GraphQL operations, by kind and first field.",
    ["operation", "field", "result"],
    requestBuckets,
  );
  private readonly subscriptions = this.gauge(
    "stepwire_graphql_subscriptions",
    "Subscriptions in progress, by field.",
    ["field"],
  );
  private readonly heldSeconds = this.counter(
    "stepwire_event_loop_held_seconds_total",
    "Time for which the event loop was held for 50 ms and more at a stretch, by what held it.",
    ["work"],
  );
  private readonly sockets = this.gauge("stepwire_websocket_connections", "Open WebSockets.", []);
  private readonly cuts = this.counter("stepwire_connections_cut_total", "Connections that were ended early.", [
    "reason",
  ]);
  private readonly refusedKeys = this.counter("stepwire_keys_refused_total", "Keys that were not let in.", ["reason"]);
  private readonly fencedFaults = this.counter(
    "stepwire_fenced_faults_total",
    "Faults that cost a connection or a message, and nothing else.",
    ["listener"],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Gauges that are read when somebody asks. */
  watch(load: Engine["load"], edge: { readonly connections: number }): void {
    const { registry } = this;
    const add = (name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void): void => {
      new Gauge({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          read(this);
        },
      });
    };
    add("stepwire_connections", "Open connections of both ports.", [], (gauge) => gauge.set(edge.connections));
    add("stepwire_executions_in_hand", "Executions that a worker of this process holds.", [], (gauge) =>
      gauge.set(load().inHand),
    );
    add("stepwire_executions_computing", "Executions that compute; the others wait for answers.", [], (gauge) =>
      gauge.set(load().computing),
    );
    add("stepwire_worker_capacity", "Executions that may compute at once; 0 without the role worker.", [], (gauge) =>
      gauge.set(load().capacity),
    );
    add("stepwire_memory_used_bytes", "What all that is in hand holds, by estimate.", [], (gauge) =>
      gauge.set(load().memory.usedBytes),
    );
    add("stepwire_memory_budget_bytes", "What all that is in hand may hold together.", [], (gauge) =>
      gauge.set(load().memory.limitBytes),
    );
    add("stepwire_worker_lock", "1 while this process holds the worker's lock.", [], (gauge) =>
      gauge.set(load().isWorker ? 1 : 0),
    );
    add("stepwire_executions_queued", "Executions that could go on, and wait for room.", [], (gauge) =>
      gauge.set(load().queued),
    );
    add(
      "stepwire_bus_refused",
      "Messages on the bus that were not from this installation, since the start.",
      [],
      (gauge) => gauge.set(load().busRefused),
    );
    add(
      "stepwire_clock_skew_seconds",
      "Postgres' clock less service time: not near 0 after a clock was set.",
      [],
      (gauge) => gauge.set(load().clockSkewMs / 1_000),
    );
    add(
      "stepwire_journal_waiting_seconds",
      "For how long something has waited to be stored, or could not be.",
      [],
      (gauge) => gauge.set(load().journalWaitingMs / 1_000),
    );
    add("stepwire_event_subscriptions", "Live readers of events, by what they follow.", ["follows"], (gauge) => {
      for (const [follows, count] of Object.entries(load().subscriptions)) gauge.set({ follows }, count);
    });
    add("stepwire_pool_connections", "Connections to Postgres, by pool and state.", ["pool", "state"], (gauge) => {
      for (const [pool, use] of Object.entries(load().pools)) {
        gauge.set({ pool, state: "busy" }, use.open - use.idle);
        gauge.set({ pool, state: "idle" }, use.idle);
      }
    });
    add("stepwire_pool_waiting", "Queries that wait for a connection.", ["pool"], (gauge) => {
      for (const [pool, use] of Object.entries(load().pools)) gauge.set({ pool }, use.waiting);
    });
  }

  executionStarted(trigger: string): void {
    this.started.inc({ trigger });
  }

  executionEnded(outcome: ExecutionStatus, seconds: number, error: string | null = null): void {
    this.ended.inc({ outcome });
    if (error === "POISONED") this.poisoned.inc();
    this.executionSeconds.observe({ outcome }, seconds);
  }

  executionsRemoved(count: number): void {
    this.removed.inc(count);
  }

  attemptEnded(type: string, result: AttemptEnd, seconds: number): void {
    this.attemptSeconds.observe({ type, result }, seconds);
  }

  flushed({ events, executions, commitMs, publishMs }: Flush): void {
    this.flushEvents.observe(events);
    this.flushExecutions.observe(executions);
    this.commitSeconds.observe(commitMs / 1_000);
    this.publishSeconds.observe(publishMs / 1_000);
  }

  httpAnswered(method: string, route: string, status: number, seconds: number): void {
    this.httpSeconds.observe({ method, route, status }, seconds);
  }

  graphqlAnswered(operation: string, field: string, result: "ok" | "error", seconds: number): void {
    this.graphqlSeconds.observe({ operation, field, result }, seconds);
  }

  /** @returns what is to be called when it is over */
  subscriptionStarted(field: string): () => void {
    this.subscriptions.inc({ field });
    return () => this.subscriptions.dec({ field });
  }

  loopHeld(work: string, seconds: number): void {
    this.heldSeconds.inc({ work }, seconds);
  }

  socketOpened(): void {
    this.sockets.inc();
  }

  socketClosed(): void {
    this.sockets.dec();
  }

  connectionCut(reason: string): void {
    this.cuts.inc({ reason });
  }

  keyRefused(reason: string): void {
    this.refusedKeys.inc({ reason });
  }

  faultFenced(listener: string): void {
    this.fencedFaults.inc({ listener });
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
