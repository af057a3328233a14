import type { Condition, Reads, SecretRule } from "../expression/index.ts";
import type { Issue } from "../model/index.ts";
import type { ActionDefinition, Compensation, StepDefinition } from "./definition.ts";
import type { StepTypeLookup } from "./step-type-lookup.ts";

/** A step as it was compiled, before it is known which of its values are secret. */
export type UnmarkedStep = Omit<StepDefinition, "index" | "name" | "dependsOn" | "dependents">;

export interface NamedStep {
  readonly name: string;
  readonly step: UnmarkedStep;
  /** The step whose output a computing one takes when its config gives it none. */
  readonly previous: string | undefined;
}

/** Which names give secrets. */
interface Secrets {
  readonly steps: ReadonlySet<string>;
  /** `trigger`; inside of a compensation `input` and `output`. */
  readonly roots: ReadonlySet<string>;
}

/**
 * Decides which values of a definition are secret, once, from what its expressions can read: whatever reads the environment
 * or the output of a secret step makes a secret. Nothing is tracked while it runs, so nothing can be lost on the way.
 * A step has a secret output when it says `sensitive`, or when it computes (`data_transform`, `log`) from a secret; that of
 * any other comes from outside, and is searched for secrets that come back.
 * A condition that reads a secret is an issue: which way it went can be seen. So is a secret in a place that is stored or
 * published as it is.
 */
export function findSecrets(
  steps: readonly NamedStep[],
  stepTypes: StepTypeLookup,
  triggerIsSecret: boolean,
  issues: Issue[],
): NamedStep[] {
  const roots = new Set(triggerIsSecret ? ["trigger"] : []);
  const secrets = { steps: secretSteps(steps, stepTypes, roots), roots };
  return steps.map(({ name, step, previous }) => {
    const isSecret = secrets.steps.has(name);
    for (const condition of [step.if, step.forEach?.items]) checkCondition(condition, secrets, issues);
    const marks = mark(step, { secrets, isSecret, stepTypes, issues });
    return { name, previous, step: { ...step, ...marks, isSecret } };
  });
}

/** In proportion to the number of places where steps are read. */
function secretSteps(steps: readonly NamedStep[], stepTypes: StepTypeLookup, roots: ReadonlySet<string>): Set<string> {
  const secret = new Set<string>();
  const readers = new Map<string, string[]>();
  /** Computing steps that may read any other. */
  const readersOfAny: string[] = [];
  const found: string[] = [];
  const add = (name: string): void => {
    if (secret.has(name)) return;
    if (secret.size === 0) found.push(...readersOfAny);
    secret.add(name);
    found.push(...(readers.get(name) ?? []));
  };
  const first: string[] = [];
  for (const { name, step, previous } of steps) {
    if (step.isSecret) first.push(name);
    for (const action of actionsOf(step)) {
      if (!stepTypes.get(action.type)?.computes) continue;
      const reads = action.config.reads;
      if (reads.some((one) => readSecret(one, { steps: secret, roots }) !== null)) first.push(name);
      if (reads.some(({ anyStep }) => anyStep)) readersOfAny.push(name);
      const sources = [...reads.flatMap((one) => one.steps), ...(action.readsPrevious && previous ? [previous] : [])];
      for (const source of new Set(sources)) readers.set(source, [...(readers.get(source) ?? []), name]);
    }
  }
  for (const name of first) add(name);
  for (let name = found.pop(); name !== undefined; name = found.pop()) add(name);
  return secret;
}

/** The action of a step, and the inline actions of it. */
function actionsOf(action: ActionDefinition): ActionDefinition[] {
  const inner = [action.branch?.whenTrue, action.branch?.whenFalse].filter((one) => one != null);
  return [action, ...inner.flatMap(actionsOf)];
}

/** What of an expression is secret, in the words of who wrote it; null: nothing. */
function readSecret({ env, steps, anyStep, roots }: Reads, secrets: Secrets): string | null {
  if (env[0] !== undefined) return `env.${env[0]}`;
  const step = steps.find((name) => secrets.steps.has(name));
  if (step !== undefined) return `steps.${step}`;
  const root = roots.find((name) => secrets.roots.has(name));
  if (root !== undefined) return root;
  const [any] = anyStep ? secrets.steps : [];
  return any === undefined ? null : `steps as a whole, with steps.${any}`;
}

interface MarkContext {
  readonly secrets: Secrets;
  readonly isSecret: boolean;
  readonly stepTypes: StepTypeLookup;
  readonly issues: Issue[];
}

/** Says of an action, of its inline actions and of what undoes them which of their values are hidden. */
function mark(
  action: ActionDefinition,
  context: MarkContext,
): Pick<ActionDefinition, "hides" | "branch" | "compensate"> {
  const { secrets } = context;
  const { branch, compensate } = action;
  const hides = ruleOf(action, secrets, context);
  if (branch) checkCondition(branch.condition, secrets, context.issues);
  const inner = (one: ActionDefinition | null): ActionDefinition | null => one && { ...one, ...mark(one, context) };
  return {
    hides,
    branch: branch && { ...branch, whenTrue: inner(branch.whenTrue), whenFalse: inner(branch.whenFalse) },
    compensate: compensate && { ...compensate, ...markUndo(compensate, hides !== null, context) },
  };
}

/** It also sees the input and the output of what it undoes. Nobody reads what it returns, so that it is only hidden. */
function markUndo(
  compensate: Compensation,
  inputIsSecret: boolean,
  context: MarkContext,
): Pick<Compensation, "hides" | "isSecret"> {
  const { secrets, isSecret, stepTypes } = context;
  const roots = new Set([...secrets.roots, ...(isSecret ? ["output"] : []), ...(inputIsSecret ? ["input"] : [])]);
  const hides = ruleOf(compensate, { ...secrets, roots }, context);
  const computes = stepTypes.get(compensate.type)?.computes ?? false;
  return { hides, isSecret: isSecret || (computes && (hides !== null || secrets.steps.size > 0)) };
}

function ruleOf(
  { type, config }: ActionDefinition | Compensation,
  secrets: Secrets,
  { stepTypes, issues }: MarkContext,
): SecretRule | null {
  const open = stepTypes.get(type)?.open ?? [];
  for (const reads of config.reads) {
    const what = readSecret(reads, secrets);
    const place =
      what === null ? undefined : open.find((key) => isUnder(reads.path.slice(config.path.length + 1), key));
    if (place !== undefined) issues.push(refusal(reads.path, what!, `${place} of a ${type} step is stored as it is`));
  }
  if (!config.reads.some((reads) => readSecret(reads, secrets) !== null)) return null;
  return (reads) => readSecret(reads, secrets) !== null;
}

/** Whether a path in a config leads to what is under that key; `transformations[].condition` is one of each item. */
function isUnder(path: string, key: string): boolean {
  const place = path.replace(/\[\d+\]/g, "[]");
  return place === key || place.startsWith(`${key}.`) || place.startsWith(`${key}[`);
}

function checkCondition(
  condition: Pick<Condition, "reads"> | null | undefined,
  secrets: Secrets,
  issues: Issue[],
): void {
  for (const reads of condition?.reads ?? []) {
    const what = readSecret(reads, secrets);
    if (what !== null) issues.push(refusal(reads.path, what, "what is decided by it can be seen"));
  }
}

function refusal(path: string, what: string, why: string): Issue {
  return { path, message: `may not read a secret (${what}): ${why}` };
}
