import { z } from "zod";
import {
  compileCondition,
  compileTemplate,
  createCompileEffort,
  type Environment,
  hasPlaceholder,
  type StepReference,
  stepReferences,
} from "../expression/index.ts";
import {
  findSchemaIssues,
  type Issue,
  isSafeJson,
  type JsonObject,
  type JsonValue,
  MAX_ISSUES,
  toIssue,
} from "../model/index.ts";
import { type CompileContext, compileAction, expressionOptions } from "./compile-action.ts";
import type { Definition, DefinitionDefaults, StepDefinition } from "./definition.ts";
import { findSecrets, type NamedStep, type UnmarkedStep } from "./find-secrets.ts";
import { findAncestors, linkSteps, type StepSet, suggest } from "./graph.ts";
import { MAX_STEPS, type StepSource, stepSchema } from "./language.ts";
import { parseKnownKeys } from "./parse-known-keys.ts";
import type { StepTypeLookup } from "./step-type-lookup.ts";
import { compileTargets } from "./webhook-target.ts";

export interface DefinitionContext {
  readonly stepTypes: StepTypeLookup;
  readonly defaults: DefinitionDefaults;
  readonly env: Environment;
  /** What the JSON paths of issues start with. Default `workflow_config`. */
  readonly path?: string;
  /**
   * True for a workflow template: bare placeholders are parameters, empty texts and missing keys of a config are still to be
   * filled in, and there may be no steps yet. Default false.
   */
  readonly isTemplate?: boolean;
  /**
   * True for a version that was accepted before: rules that grew tighter since, or a variable that is off the allow-list
   * now, must not stop its executions. What is broken fails the step that uses it. Default false.
   */
  readonly isStored?: boolean;
  /** True for an execution that was given a secret by its parent: `trigger` is secret then, too. Default false. */
  readonly triggerIsSecret?: boolean;
}

export type ParsedDefinition = { readonly definition: Definition } | { readonly issues: readonly Issue[] };

/** Validates a definition and compiles it. Reports every problem at once. Never throws. */
export function parseDefinition(input: unknown, options: DefinitionContext): ParsedDefinition {
  const { path = "workflow_config", isTemplate = false, isStored = false } = options;
  const issues: Issue[] = [];
  if (!isSafeJson(input, path, issues, isStored ? Number.POSITIVE_INFINITY : undefined)) return rejected(issues);
  const envelope = z.looseObject({
    steps: z
      .array(z.unknown())
      .min(isTemplate ? 0 : 1)
      .max(MAX_STEPS),
  });
  const broken = findSchemaIssues(envelope, input);
  if (broken.length > 0) return rejected([...issues, ...broken.map((issue) => toIssue(issue, path))]);
  const source = input as JsonObject & { readonly steps: readonly JsonValue[] };

  const context: CompileContext = { ...options, isTemplate, issues, effort: createCompileEffort(), actions: 0 };
  const drafts = source.steps.map((step, index) => compileStep(step, index, `${path}.steps[${index}]`, context));
  if (context.actions > MAX_STEPS) {
    issues.push({ path: `${path}.steps`, message: `must have at most ${MAX_STEPS} steps, inline actions included` });
  }
  checkNames(drafts, issues);
  const before = issues.length;
  const links = linkSteps(drafts, issues);
  const linked = issues.length === before;
  checkReferences(drafts, linked ? findAncestors(links) : null, issues);
  const exposed: Issue[] = [];
  const steps = linked ? withSecrets(drafts, links, options, exposed) : [];
  issues.push(...exposed);
  const webhooks = compileTargets(source.webhooks, `${path}.webhooks`, context);
  const runnable = isStored && linked && drafts.every(({ step }) => step !== null);
  if (issues.length > 0 && !runnable) return rejected(issues);
  return { definition: { source, steps: assemble(steps, links), exposed, webhooks } };
}

function rejected(issues: readonly Issue[]): ParsedDefinition {
  return { issues: issues.slice(0, MAX_ISSUES) };
}

interface StepDraft {
  readonly name: string;
  readonly path: string;
  readonly dependsOn: readonly string[] | undefined;
  readonly references: readonly StepReference[];
  readonly lateReferences: readonly StepReference[];
  /** Null when the step is too broken to be compiled. */
  readonly step: UnmarkedStep | null;
}

/** Without those that are too broken. */
function withSecrets(
  drafts: readonly StepDraft[],
  links: readonly (readonly number[])[],
  { stepTypes, triggerIsSecret = false }: DefinitionContext,
  issues: Issue[],
): NamedStep[] {
  const named = drafts.map(({ name, step }, index) => ({ name, step, previous: drafts[links[index]!.at(-1)!]?.name }));
  const whole = named.filter((one): one is NamedStep => one.step !== null);
  return findSecrets(whole, stepTypes, triggerIsSecret, issues);
}

function compileStep(input: JsonValue, index: number, path: string, context: CompileContext): StepDraft {
  const source = parseKnownKeys(stepSchema, input, path, context.issues);
  const references: StepReference[] = [];
  const lateReferences: StepReference[] = [];
  const name = source?.name ?? `step_${index}`;
  const draft = { name, path, dependsOn: source?.depends_on, references, lateReferences };
  if (!source) return { ...draft, step: null };
  const condition =
    source.if === undefined
      ? null
      : compileCondition(source.if as JsonValue, expressionOptions(`${path}.if`, [], context));
  references.push(...stepReferences(condition?.reads ?? []));
  const forEach = compileForEach(source, path, context);
  references.push(...stepReferences(forEach?.items.reads ?? []));
  const place = { path, locals: forEach ? (["item", "index"] as const) : [], references, lateReferences };
  const action = compileAction(source, place, context);
  const { on_error: onError, sensitive: isSecret, pivot } = source;
  return { ...draft, step: { ...action, if: condition, forEach, onError, isSecret, pivot } };
}

function compileForEach(source: StepSource, stepPath: string, context: CompileContext): StepDefinition["forEach"] {
  if (!source.for_each) return null;
  const path = `${stepPath}.for_each.items`;
  const items = source.for_each.items as JsonValue | undefined;
  if (!Array.isArray(items) && !(typeof items === "string" && hasPlaceholder(items))) {
    context.issues.push({ path, message: "must be a list, or a placeholder that gives one" });
  }
  return {
    items: compileTemplate(items ?? [], expressionOptions(path, [], context)),
    concurrency: source.for_each.concurrency,
  };
}

function checkNames(drafts: readonly StepDraft[], issues: Issue[]): void {
  const firstOf = new Map<string, string>();
  for (const { name, path } of drafts) {
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, path);
    else issues.push({ path: `${path}.name`, message: `must be unique: ${first} is named "${name}" too` });
  }
}

/** A step may read what has settled before it; a compensation, which runs at the end, any step. */
function checkReferences(drafts: readonly StepDraft[], ancestors: readonly StepSet[] | null, issues: Issue[]): void {
  const indexOf = new Map(drafts.map(({ name }, index) => [name, index]));
  for (const [index, { references, lateReferences }] of drafts.entries()) {
    for (const { step, path } of [...references, ...lateReferences]) {
      if (indexOf.has(step)) continue;
      issues.push({
        path,
        message: `reads steps.${step}, which is no step of this definition${suggest(step, indexOf.keys(), issues.length)}`,
      });
    }
    for (const { step, path } of references) {
      const target = indexOf.get(step);
      if (!ancestors || target === undefined || ancestors[index]!.has(target)) continue;
      // What is told beyond these is cut off, and each looks through all steps.
      if (issues.length >= MAX_ISSUES) return;
      const before = drafts.filter((_, other) => ancestors[index]!.has(other)).map(({ name }) => name);
      const message = `reads steps.${step}, which does not run before this step${suggest(step, before, issues.length)}`;
      issues.push({ path, message });
    }
  }
}

function assemble(steps: readonly NamedStep[], links: readonly (readonly number[])[]): readonly StepDefinition[] {
  const dependents: number[][] = steps.map(() => []);
  for (const [index, dependsOn] of links.entries()) for (const target of dependsOn) dependents[target]!.push(index);
  return steps.map(({ name, step }, index) => ({
    ...step,
    index,
    name,
    dependsOn: links[index]!,
    dependents: dependents[index]!,
  }));
}
