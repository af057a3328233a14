import type { Condition, SecretRule, Template } from "../expression/index.ts";
import type { Issue, JsonObject } from "../model/index.ts";
import type { WebhookTarget } from "./webhook-target.ts";

/** How a failed attempt is repeated. Waits `initialSeconds * factor^(attempt-1)`, at most `maxSeconds`. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialSeconds: number;
  readonly factor: number;
  readonly maxSeconds: number;
  /** `full`: a uniformly random part of the wait (AWS's "full jitter"). `none`: the wait itself. */
  readonly jitter: "full" | "none";
  /** Step error codes that are retried; null: every retryable one. */
  readonly onlyOn: readonly string[] | null;
}

export interface Compensation {
  readonly type: string;
  readonly config: Template;
  /** Which values of its config are secret; null: none. */
  readonly hides: SecretRule | null;
  /** What it returns is not shown. */
  readonly isSecret: boolean;
  readonly retry: RetryPolicy;
  readonly timeoutSeconds: number | null;
  /** `completed`: undo only what is known to be done. `attempted`: also what may have been done (outcome unknown). */
  readonly when: "completed" | "attempted";
}

/** The work of a step, or of an inline action of a conditional. */
export interface ActionDefinition {
  readonly type: string;
  readonly config: Template;
  /** Which values of its config are secret: `***` where it is stored, filled in anew at each attempt. Null: none. */
  readonly hides: SecretRule | null;
  /** It takes the output of the step before it, as its config gives it nothing to compute with. */
  readonly readsPrevious: boolean;
  readonly retry: RetryPolicy;
  readonly timeoutSeconds: number | null;
  readonly compensate: Compensation | null;
  /** Only for type `conditional`; then `config` is not used. */
  readonly branch: {
    readonly condition: Condition;
    readonly whenTrue: ActionDefinition | null;
    readonly whenFalse: ActionDefinition | null;
  } | null;
}

/** One step in its normalised form: every default filled in, every expression compiled. Never mutated. */
export interface StepDefinition extends ActionDefinition {
  /** Position in the definition, from 0. */
  readonly index: number;
  readonly name: string;
  /** Indices of the steps that must settle first. A step without `depends_on` depends on the one before it. */
  readonly dependsOn: readonly number[];
  /** Indices of the steps that depend on this one. */
  readonly dependents: readonly number[];
  readonly if: Condition | null;
  readonly forEach: { readonly items: Template; readonly concurrency: number } | null;
  readonly onError: "fail" | "continue";
  /** Its output is secret: encrypted where it is stored, `***` where it is shown, and so of its items and inline actions. */
  readonly isSecret: boolean;
  /** Once it has completed, nothing before it is undone. */
  readonly pivot: boolean;
}

/** A validated workflow definition, ready to run. */
export interface Definition {
  readonly steps: readonly StepDefinition[];
  /** Places that could show a secret: none, unless it was accepted before that was looked for, or its trigger is secret. */
  readonly exposed: readonly Issue[];
  /** Who is told of what its executions do. */
  readonly webhooks: readonly WebhookTarget[];
  /** The JSON it was made from, as the client sent it. */
  readonly source: JsonObject;
}

/** Defaults of the workflow that a step's own settings override. */
export interface DefinitionDefaults {
  /** Retries after the first attempt. Default 3. */
  readonly maxRetries: number;
}

/** A workflow version as a run needs it. */
export interface Plan {
  readonly definition: Definition;
  readonly timeoutSeconds: number;
}
