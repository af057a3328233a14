import {
  type CompileEffort,
  type CompileOptions,
  compileCondition,
  compileTemplate,
  type Environment,
  type LocalRoot,
  type StepReference,
  stepReferences,
} from "../expression/index.ts";
import { type Issue, type JsonObject, type JsonValue, memberPath } from "../model/index.ts";
import { checkConfig } from "./check-config.ts";
import type { ActionDefinition, Compensation, DefinitionDefaults, RetryPolicy } from "./definition.ts";
import { suggest } from "./graph.ts";
import {
  type ActionSource,
  actionSchema,
  branchSchema,
  type CompensationSource,
  type RetrySource,
} from "./language.ts";
import { parseKnownKeys } from "./parse-known-keys.ts";
import type { StepTypeLookup } from "./step-type-lookup.ts";

/** The step type whose config is part of the language: it holds further actions. */
export const CONDITIONAL = "conditional";

/** What is the same for everything in one definition. */
export interface CompileContext {
  readonly stepTypes: StepTypeLookup;
  readonly defaults: DefinitionDefaults;
  readonly env: Environment;
  readonly isTemplate: boolean;
  readonly issues: Issue[];
  readonly effort: CompileEffort;
  /** Actions so far, inline ones included. */
  actions: number;
}

/** Where an action stands. */
export interface ActionPlace {
  readonly path: string;
  readonly locals: readonly LocalRoot[];
  /** Collects what must have run before. */
  readonly references: StepReference[];
  /** Collects what compensations read: they run at the end, so that any step may have run. */
  readonly lateReferences: StepReference[];
}

export function compileAction(source: ActionSource, place: ActionPlace, context: CompileContext): ActionDefinition {
  context.actions++;
  const { type, timeout_seconds: timeoutSeconds = null } = source;
  const config = (source.config ?? {}) as JsonValue;
  const configPath = `${place.path}.config`;
  const known = context.stepTypes.get(type);
  const common = {
    type,
    hides: null,
    readsPrevious: known?.previousUnless !== undefined && !Object.hasOwn(config as JsonObject, known.previousUnless),
    retry: normaliseRetry(source.retry, context.defaults),
    timeoutSeconds,
    compensate: source.compensate ? compileCompensation(source.compensate, place, context) : null,
  };
  if (type === CONDITIONAL && isKnownType(type, `${place.path}.type`, context)) {
    const empty = compileTemplate({}, expressionOptions(configPath, place.locals, context));
    return { ...common, config: empty, branch: compileBranch(config, { ...place, path: configPath }, context) };
  }
  const template = compileConfig(type, config, place, context);
  place.references.push(...stepReferences(template.reads));
  return { ...common, config: template, branch: null };
}

function compileConfig(
  type: string,
  config: JsonValue,
  place: Omit<ActionPlace, "references">,
  context: CompileContext,
) {
  const path = `${place.path}.config`;
  const known = isKnownType(type, `${place.path}.type`, context) ? context.stepTypes.get(type)! : null;
  if (known) checkConfig(known.config, config, path, context);
  const urls = known?.urls?.map((key) => memberPath(path, key)) ?? [];
  return compileTemplate(config, { ...expressionOptions(path, place.locals, context), urls });
}

function compileBranch(config: JsonValue, place: ActionPlace, context: CompileContext): ActionDefinition["branch"] {
  const branch = parseKnownKeys(branchSchema, config, place.path, context.issues);
  if (!branch) return null;
  const options = expressionOptions(`${place.path}.condition`, place.locals, context);
  const condition = compileCondition((branch.condition ?? null) as JsonValue, options);
  place.references.push(...stepReferences(condition.reads));
  const [whenTrue, whenFalse] = (["true_action", "false_action"] as const).map((key) => {
    const path = `${place.path}.${key}`;
    const action = branch[key] == null ? null : parseKnownKeys(actionSchema, branch[key], path, context.issues);
    return action && compileAction(action, { ...place, path }, context);
  }) as [ActionDefinition | null, ActionDefinition | null];
  return { condition, whenTrue, whenFalse };
}

function compileCompensation(source: CompensationSource, place: ActionPlace, context: CompileContext): Compensation {
  const path = `${place.path}.compensate`;
  if (source.type === CONDITIONAL) context.issues.push({ path: `${path}.type`, message: "cannot be conditional" });
  const inner = { ...place, path, locals: ["input", "output"] as const };
  const config =
    source.type === CONDITIONAL
      ? compileTemplate({}, expressionOptions(path, [], context))
      : compileConfig(source.type, (source.config ?? {}) as JsonValue, inner, context);
  place.lateReferences.push(...stepReferences(config.reads));
  return {
    type: source.type,
    config,
    hides: null,
    isSecret: false,
    retry: normaliseRetry(source.retry, context.defaults),
    timeoutSeconds: source.timeout_seconds ?? null,
    when: source.when,
  };
}

function isKnownType(type: string, path: string, { stepTypes, issues }: CompileContext): boolean {
  if (stepTypes.get(type)) return true;
  const names = stepTypes.all().map((known) => known.type);
  const near = suggest(type, names, issues.length);
  issues.push({ path, message: `is not a known step type${near || `; known are ${names.join(", ")}`}` });
  return false;
}

export function expressionOptions(path: string, locals: readonly LocalRoot[], context: CompileContext): CompileOptions {
  const { env, issues, effort, isTemplate } = context;
  return { path, locals, env, issues, effort, allowParameters: isTemplate };
}

function normaliseRetry(source: RetrySource | undefined, defaults: DefinitionDefaults): RetryPolicy {
  return {
    maxAttempts: source?.max_attempts ?? defaults.maxRetries + 1,
    initialSeconds: source?.initial_seconds ?? 1,
    factor: source?.factor ?? 2,
    maxSeconds: source?.max_seconds ?? 60,
    jitter: source?.jitter ?? "full",
    onlyOn: source?.only_on ?? null,
  };
}
