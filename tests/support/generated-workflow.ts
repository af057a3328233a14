import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../engine/model/json.ts";

/** Work that is made to fail: so many times, then it succeeds. */
export interface Work {
  readonly kind: "log" | "notification" | "delay";
  readonly failures: number;
  /** Its failures are not worth another attempt. */
  readonly isFatal: boolean;
  readonly maxAttempts: number;
  /** Answers in a later turn of the event loop. */
  readonly isSlow: boolean;
  readonly undo: Undo | null;
}

export interface Undo {
  readonly failures: number;
  readonly maxAttempts: number;
  readonly when: "completed" | "attempted";
}

export interface GeneratedStep {
  readonly name: string;
  /** Positions of earlier steps. */
  readonly dependsOn: readonly number[];
  readonly if: boolean | null;
  /** The failures of each item's work. */
  readonly items: readonly number[] | null;
  readonly concurrency: number;
  readonly branch: { readonly taken: boolean; readonly chosen: Work | null; readonly other: Work | null } | null;
  readonly work: Work;
  readonly onError: "fail" | "continue";
  readonly pivot: boolean;
}

/** More than any policy here allows. */
const FOR_GOOD = 9;
export const DELAY_SECONDS = 0.003;

const failures = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 2 }) },
  { weight: 1, arbitrary: fc.constant(FOR_GOOD) },
);
const undo = fc.record<Undo>({
  failures,
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  when: fc.constantFrom("completed", "attempted"),
});
const work = fc.record<Work>({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("log" as const) },
    { weight: 2, arbitrary: fc.constant("notification" as const) },
    { weight: 1, arbitrary: fc.constant("delay" as const) },
  ),
  failures,
  isFatal: fc.boolean(),
  maxAttempts: fc.integer({ min: 2, max: 3 }),
  isSlow: fc.boolean(),
  undo: fc.option(undo),
});
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 3 });

const draft = fc.record({
  dependsOn: fc.array(fc.nat(50), { maxLength: 3 }),
  if: fc.constantFrom(null, null, null, true, false),
  items: fc.option(fc.array(failures, { maxLength: 5 }), { freq: 2 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  branch: fc.option(fc.record({ taken: fc.boolean(), chosen: some(work), other: some(work) }), { freq: 2 }),
  work,
  onError: fc.constantFrom("fail" as const, "continue" as const),
});

/** Half of them are chains, whose outcome is known exactly; the others are graphs. */
export const generatedWorkflow: fc.Arbitrary<readonly GeneratedStep[]> = fc
  .tuple(fc.boolean(), fc.array(draft, { minLength: 1, maxLength: 7 }), fc.nat(12))
  .map(([isChain, drafts, pivotAt]) =>
    drafts.map(({ dependsOn, ...step }, i) => ({
      ...step,
      name: `s${i}`,
      dependsOn: i === 0 ? [] : isChain ? [i - 1] : [...new Set(dependsOn.map((position) => position % i))],
      pivot: i === pivotAt,
    })),
  );

export function isChain(steps: readonly GeneratedStep[]): boolean {
  return steps.every((step, i) => i === 0 || (step.dependsOn.length === 1 && step.dependsOn[0] === i - 1));
}

/** What a step's work reads of a step that it depends on. */
export function readsOf(steps: readonly GeneratedStep[], step: GeneratedStep): readonly number[] {
  return step.dependsOn.filter((position) => steps[position]!.items === null);
}

/** As a client would write it. */
export function toDefinition(steps: readonly GeneratedStep[]): JsonObject[] {
  return steps.map((step) => {
    const reads = readsOf(steps, step).map((position) => {
      const { name, branch } = steps[position]!;
      return `{{steps.${name}.${branch ? "branch" : "key"} ?? 'none'}}`;
    });
    const { branch } = step;
    const inline = (action: Work | null): JsonValue => action && toAction(`${step.name}:inline`, action, step, reads);
    return {
      name: step.name,
      depends_on: step.dependsOn.map((position) => steps[position]!.name),
      on_error: step.onError,
      pivot: step.pivot,
      ...(step.if === null ? {} : { if: step.if }),
      ...(step.items === null ? {} : { for_each: { items: step.items, concurrency: step.concurrency } }),
      ...(branch
        ? {
            type: "conditional",
            config: {
              condition: branch.taken,
              true_action: inline(branch.taken ? branch.chosen : branch.other),
              false_action: inline(branch.taken ? branch.other : branch.chosen),
            },
            ...toCompensate(step.name, step.work.undo),
          }
        : toAction(step.name, step.work, step, reads)),
    };
  });
}

function toAction(key: string, work: Work, step: GeneratedStep, reads: readonly string[]): JsonObject {
  const undo = toCompensate(key, work.undo);
  if (work.kind === "delay") return { type: "delay", config: { seconds: DELAY_SECONDS }, ...undo };
  const message = {
    key,
    failures: step.items === null ? work.failures : "{{item}}",
    fatal: work.isFatal,
    slow: work.isSlow,
    reads,
  };
  return {
    type: work.kind,
    config: work.kind === "log" ? { message } : { type: "log", message },
    retry: { max_attempts: work.maxAttempts, initial_seconds: 0.002, max_seconds: 0.004 },
    ...undo,
  };
}

function toCompensate(key: string, undo: Undo | null): JsonObject {
  if (!undo) return {};
  const message = {
    key: `undo ${key}`,
    failures: undo.failures,
    fatal: false,
    slow: false,
    reads: ["{{output.key ?? 'none'}}"],
  };
  const retry = { max_attempts: undo.maxAttempts, initial_seconds: 0.002 };
  return { compensate: { type: "notification", config: { type: "log", message }, when: undo.when, retry } };
}
