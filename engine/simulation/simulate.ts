import { randomBytes } from "node:crypto";
import type { Plan } from "../definition/index.ts";
import { type Attempt, attemptsOf, ExecutionRun, type RunPorts, resultOf } from "../execution/index.ts";
import { noMask } from "../expression/index.ts";
import {
  create,
  type ExecutionEvent,
  type ExecutionId,
  type ExecutionRecord,
  isExecutionOver,
  isJsonObject,
  type JsonObject,
  newUid,
  type StepId,
  type StepRecord,
  type TenantId,
  wakeAt,
} from "../model/index.ts";
import { KEY_BYTES, Keyring } from "../secret/index.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { mockedWork, type OutputSource } from "./mocked-work.ts";
import type { SimulationRequest } from "./simulation-input.ts";

export const simulationLimits = {
  /** Events; a step makes two, and two more for each further attempt. */
  events: 20_000,
  /** Characters of all their data as JSON: an item for each of many, each with the whole trigger data, adds up. */
  characters: 16 * 1024 * 1024,
  /** Milliseconds of real time. */
  realMs: 5_000,
};

/** With full jitter, a wait is this part of the backoff: what it is in the mean. */
const JITTER = 0.5;
/** How often is looked whether a simulation takes too long. */
const WATCH_MS = 20;
/** Ids of what is not stored. */
const NOT_STORED = 0 as ExecutionId;

/** For values that are never stored. */
const keyring = new Keyring([randomBytes(KEY_BYTES)]);

/** What an execution would do. */
export interface Simulation {
  readonly execution: ExecutionRecord;
  readonly result: JsonObject;
  /** In the order in which they began. */
  readonly steps: readonly SimulatedStep[];
  readonly events: readonly ExecutionEvent[];
  /** Conditionals and the ways they went, in order. */
  readonly branches: readonly { readonly step: string; readonly taken: boolean }[];
  /** Names of the steps that were undone, in that order. */
  readonly undoPath: readonly string[];
  /** What log steps wrote. */
  readonly logs: readonly SimulatedLog[];
  /** Of the simulated clock, ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The limit that ended it early; null: it ran to its end. */
  readonly stoppedBy: "events" | "size" | "time" | null;
}

export interface SimulatedStep {
  readonly record: StepRecord;
  readonly attempts: readonly Attempt[];
  /** Null for a step that only holds its parts together, and for one that did not begin. */
  readonly source: OutputSource | null;
}

export interface SimulatedLog {
  readonly step: string;
  readonly level: string;
  readonly message: string;
  readonly at: number;
}

export interface SimulationWorld {
  readonly tenantId: TenantId;
  readonly stepType: RunPorts["stepType"];
  /** The own work of a step without outside effect. */
  readonly compute: RunPorts["invoke"];
}

/**
 * Runs the engine's own interpreter (run, frontier, work) with ports that reach nothing: mocks for effects, a clock that
 * jumps to whatever is due next, and a journal in memory.
 */
export async function simulate(
  plan: Plan,
  workflow: { readonly id: number; readonly version: number },
  request: SimulationRequest,
  world: SimulationWorld,
): Promise<Simulation> {
  const clock = { now: request.startAt };
  const journal = new MemoryJournal();
  const sources = new Map<string, OutputSource>();
  const logs: SimulatedLog[] = [];
  let fault: string | null = null;
  let steps = 0;
  const ports: RunPorts = {
    now: () => clock.now,
    random: () => JITTER,
    stepId: () => ++steps as StepId,
    stepType: world.stepType,
    invoke: mockedWork(request, world.compute, (name, source) => sources.set(name, source)),
    held: () => null,
    changed: (entry) => {
      journal.changed(entry);
      if (isFull(journal)) run.release();
    },
    child: unreachable,
    childStored: unreachable,
    childResult: unreachable,
    keyring,
    mask: noMask,
    log: (level, message, { step, error }) => {
      if (typeof step === "string") logs.push({ step, level, message, at: clock.now });
      else if (level === "error") fault = `${message}: ${error}`;
    },
  };
  const created = createdEvent(world.tenantId, workflow, request);
  const run = new ExecutionRun(create(created), 1, created, plan, ports);
  const stoppedBy = await drive(run, journal, clock);
  if (fault !== null) throw new Error(`A simulation broke: ${fault}`);
  const records = [...run.state.steps.values()];
  const events = Map.groupBy(journal.events, ({ stepId }) => stepId);
  return {
    execution: run.execution,
    result: resultOf(records),
    steps: records.map((record) => ({
      record,
      attempts: attemptsOf(events.get(record.id) ?? []),
      source: sources.get(record.name) ?? null,
    })),
    events: journal.events,
    branches: records.flatMap((record) => branchOf(record) ?? []),
    undoPath: records.flatMap(({ compensatesId }) => (compensatesId === null ? [] : run.step(compensatesId).name)),
    logs,
    startedAt: request.startAt,
    endedAt: clock.now,
    stoppedBy,
  };
}

function branchOf({ type, name, input }: StepRecord): Simulation["branches"][number] | null {
  if (type !== "conditional" || !isJsonObject(input) || typeof input.condition_met !== "boolean") return null;
  return { step: name, taken: input.condition_met };
}

function isFull({ events, characters }: MemoryJournal): "events" | "size" | null {
  if (events.length > simulationLimits.events) return "events";
  return characters > simulationLimits.characters ? "size" : null;
}

/** Lets the run come to rest, moves the clock to what is due next, and so on to the end. */
async function drive(
  run: ExecutionRun,
  journal: MemoryJournal,
  clock: { now: number },
): Promise<Simulation["stoppedBy"]> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > simulationLimits.realMs;
  for (;;) {
    await rest(run, isLate);
    if (isExecutionOver(run.execution.status)) return null;
    const limit = isFull(journal) ?? (isLate() ? "time" : null);
    if (limit !== null || run.abandoned) return limit;
    // A run that waits has a deadline at least.
    clock.now = Math.max(clock.now, wakeAt(run.state) ?? clock.now);
  }
}

/** Resolves when nothing is in hand any more, or it is late. */
function rest(run: ExecutionRun, isLate: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(timer);
      run.onIdle = () => {};
      resolve();
    };
    const timer = setInterval(() => {
      if (!isLate()) return;
      run.release();
      end();
    }, WATCH_MS);
    run.onIdle = end;
    run.poke([]);
  });
}

function createdEvent(
  tenantId: TenantId,
  workflow: { readonly id: number; readonly version: number },
  { triggerData, startAt }: SimulationRequest,
): ExecutionEvent {
  return {
    executionId: NOT_STORED,
    seq: 1,
    type: "execution.created",
    stepId: null,
    at: startAt,
    data: {
      uid: newUid(NOT_STORED),
      tenant_id: tenantId,
      workflow_id: workflow.id,
      workflow_version: workflow.version,
      trigger_type: "manual",
      trigger_data: triggerData,
      correlation_id: null,
      idempotency_key: null,
      request_hash: null,
      parent_id: null,
      parent_step_id: null,
      forked_from_id: null,
      depth: 0,
    },
  };
}

/** A `workflow` step has an outside effect: its output is mocked. */
function unreachable(): never {
  throw new Error("A simulation starts no executions");
}
