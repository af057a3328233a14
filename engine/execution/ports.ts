import type { SecretMask } from "../expression/index.ts";
import type { Child, JournalEntry } from "../journal/index.ts";
import type {
  ExecutionRecord,
  ExecutionStatus,
  Failure,
  JsonObject,
  MaybePromise,
  StepContext,
  StepId,
  StepRecord,
  StepType,
  Suspension,
} from "../model/index.ts";
import type { Keyring } from "../secret/index.ts";

export type ChildToAwait =
  | { readonly kind: "new"; readonly child: Child }
  /** Started by this step before, and not over, or `reopens` when it is asked to. */
  | { readonly kind: "known"; readonly id: number; readonly reopens: boolean }
  /** Repaired by hand meanwhile. */
  | { readonly kind: "completed"; readonly id: number };

interface ChildResult {
  readonly status: ExecutionStatus;
  /** Step name → output. */
  readonly result: JsonObject;
  readonly error: Failure | null;
}

/** All that a run needs of the world. The simulator gives it another one: mocks, a clock, and no I/O. */
export interface RunPorts {
  /** ms since the epoch. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A fresh id for a step's record. */
  stepId(): MaybePromise<StepId>;
  stepType(type: string): StepType;
  /** Calls the step type's run(); the crash tests and the simulator stand here. */
  invoke(type: StepType, config: unknown, context: StepContext): MaybePromise<unknown>;
  /** Resolves when this process may begin effects again; rejects when another has taken over. Null: it may now. */
  held(): Promise<void> | null;
  /** The entry has changes to store. */
  changed(entry: JournalEntry): void;
  /** The child execution that a `workflow` step waits for: a new one is made, but not stored. */
  child(
    parent: ExecutionRecord,
    step: StepRecord,
    request: Extract<Suspension, { suspend: "execution" }>,
    /** What may be seen of its trigger data, when these hold secrets. */
    shownTrigger: JsonObject | null,
  ): Promise<ChildToAwait>;
  /** The child is stored with its parent's step, or will not be. */
  childStored(child: Child): void;
  /** `inClear`: with its secret outputs; `***` in their places otherwise. */
  childResult(executionId: number, inClear: boolean): Promise<ChildResult>;
  /** Seals what is secret, and opens it. */
  readonly keyring: Keyring;
  /** Replaces the values of secrets in what is stored. */
  readonly mask: SecretMask;
  log(
    level: "debug" | "info" | "warning" | "error",
    message: string,
    fields: Readonly<Record<string, string | number | null>>,
  ): void;
}
