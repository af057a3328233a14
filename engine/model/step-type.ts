import type { z } from "zod";
import type { SagaIdentity } from "./identity.ts";
import type { JsonObject, JsonValue, MaybePromise } from "./json.ts";
import type { TenantId } from "./tenant.ts";

/** What a step may know of the run that it is part of. Its functions belong to it: they are not to be taken out of it. */
export interface StepContext {
  readonly executionId: number;
  readonly workflowId: number;
  readonly tenantId: TenantId;
  readonly stepName: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** The same for every attempt of this step of this execution, also after a crash. Send it to remote systems. */
  readonly idempotencyKey: string;
  /** W3C trace context to send to remote systems; null when nobody traces. While the step runs, that of its own span. */
  traceparent: string | null;
  readonly trigger: JsonValue;
  /** The output of the step before this one; null for the first. */
  readonly previousOutput: JsonValue;
  /** Step name → output, of the steps that have completed by now, in the order in which they did. */
  outputs(this: StepContext): Readonly<Record<string, JsonValue>>;
  /** What this execution goes by among the participants of a saga. */
  saga(this: StepContext): SagaIdentity;
  /** To be asked before an answer is taken in. */
  readonly memory: StepMemory;
  /** Aborted on timeout, cancellation and shutdown. Pass it on to whatever waits. */
  readonly signal: AbortSignal;
  /** The time, ms since the epoch. In a simulation the clock is not the machine's. */
  readonly now: () => number;
  log(this: StepContext, level: "debug" | "info" | "warning" | "error", message: string): void;
}

/** Room in memory for what a step's attempt brings in. */
export interface StepMemory {
  /** Sees that there is room for so many bytes in all. Null: there is; otherwise wait. Rejects with the signal's reason. */
  grow(bytes: number, signal: AbortSignal): Promise<void> | null;
  /** It turned out to be no more than this. */
  shrink(bytes: number): void;
}

/**
 * Returned by run() in place of an output: the step is not done, and waits as a row in Postgres, costing no memory.
 * - `timer`: completes with `output` at `until`.
 * - `event`: completes with the data of the event `name` (and `correlation`, when given); fails with EVENT_TIMEOUT at `until`.
 * - `execution`: starts a child execution of the named workflow, and completes with its result.
 */
export type Suspension =
  | { readonly suspend: "timer"; readonly until: Date; readonly output: JsonValue }
  | {
      readonly suspend: "event";
      readonly name: string;
      readonly correlation: string | null;
      readonly approval: boolean;
      readonly until: Date | null;
      /** Values, by dotted path, that the data of the event must have. */
      readonly match?: JsonObject;
      /** A domain event that asks for the awaited one; published once the wait is stored. */
      readonly publish?: { readonly type: string; readonly data: JsonObject };
    }
  | {
      readonly suspend: "execution";
      readonly workflowId: number | null;
      readonly workflowName: string | null;
      readonly triggerData: JsonObject;
    };

/**
 * - `none`: computing it again is harmless; it may run before its predecessors are committed.
 * - `external`: touches the world; it starts only when everything before it is committed.
 */
type StepEffect = "none" | "external";

export interface StepType<Config = unknown, Output = unknown> {
  /** The word in a definition's `type`. */
  readonly type: string;
  /** One sentence. */
  readonly summary: string;
  /** Markdown: units, defaults, bounds, errors. Feeds the documentation, GraphQL and OpenAPI. */
  readonly docs: string;
  /** Of the config after placeholders are filled in. Unknown keys are refused. */
  readonly config: z.ZodType<Config>;
  readonly output: z.ZodType<Output>;
  /** Keys of the config that hold a URL: values that are put into its path and query are encoded. Default none. */
  readonly urls?: readonly string[];
  readonly effect: StepEffect;
  /**
   * Its output is made of its config alone, so what it makes of a secret is secret. Default false: its output comes from
   * outside, and secrets that come back in it are searched for.
   */
  readonly computes?: boolean;
  /** Key of the config without which it takes the output of the step before it. */
  readonly previousUnless?: string;
  /** Places of the config that are stored, published or decided by as they are: no secret may stand there. Default none. */
  readonly open?: readonly string[];
  /** What a simulation takes for the output when it is given none; for types with an effect. Default null. */
  example?(config: Config): JsonValue;
  /** Does the work. Throws StepError. Synchronous types must return synchronously: that is the fast path. */
  run(config: Config, context: StepContext): MaybePromise<Output | Suspension>;
}
