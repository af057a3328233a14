import type { Issue, JsonObject, JsonValue } from "../../engine/index.ts";
import type { SagaStepInput, SagaTypeInput } from "./saga-type-input.ts";

/** Past a pivot there is no way back: a step that says nothing itself is tried for as long as the saga's limit lets it. */
const FORWARD_RETRY = { max_attempts: 100, initial_seconds: 1, factor: 2, max_seconds: 60 } as const;

type Compensation = NonNullable<SagaStepInput["compensation"]>;

/** A saga type in the language of workflows. Steps keep their order, so that an issue's path needs its head changed only. */
export function compileSagaType(input: SagaTypeInput): { definition: JsonObject; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const isPastPivot = pastPivot(input.steps);
  const steps = input.steps.map((step, i) => compileStep(step, `steps[${i}]`, isPastPivot[i]!, issues));
  return { definition: { saga_type: input.name, steps }, issues };
}

function compileStep(step: SagaStepInput, path: string, isPastPivot: boolean, issues: Issue[]): JsonObject {
  const { service, command, compensation_command, compensation, event, reply, data, retry_attempts, ...rest } = step;
  const others = rest as Record<string, JsonValue>;
  const kinds = [service ?? command, event ?? reply, step.type].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) {
    issues.push({ path, message: "must have one of: service and command, event and reply, or type" });
  }
  const retry = retryOf(others.retry, retry_attempts, isPastPivot);
  const common = { ...others, ...(retry !== undefined && { retry }) };
  if (step.type !== undefined) {
    if (compensation ?? compensation_command) {
      issues.push({ path: `${path}.compensation`, message: "is for a command; with `type` use `compensate`" });
    }
    return common;
  }
  const { timeout_seconds, ...withoutTimeout } = common as Record<string, JsonValue>;
  const work = { service, command, event, reply, data, timeout_seconds } as Command;
  const undo = compensation ?? (compensation_command === undefined ? undefined : { command: compensation_command });
  return {
    ...withoutTimeout,
    ...actionOf(work, path, false, issues),
    ...(undo && { compensate: compileUndo(undo, work, `${path}.compensation`, issues) }),
  };
}

interface Command {
  readonly service: string | undefined;
  readonly command: string | undefined;
  readonly event: string | undefined;
  readonly reply: string | undefined;
  readonly data: JsonObject | undefined;
  readonly timeout_seconds: number | undefined;
}

function compileUndo(undo: Compensation, of: Command, path: string, issues: Issue[]): JsonObject {
  const { service, command, event, reply, data, timeout_seconds, retry_attempts, ...rest } = undo;
  const others = rest as Record<string, JsonValue>;
  const retry = retryOf(others.retry, retry_attempts, false);
  const work = { service: event ? undefined : (service ?? of.service), command, event, reply, data, timeout_seconds };
  return {
    ...others,
    ...actionOf(work as Command, path, true, issues),
    ...(retry !== undefined && { retry }),
  };
}

function actionOf(work: Command, path: string, undo: boolean, issues: Issue[]): JsonObject {
  const { service, command, event, reply, data, timeout_seconds } = work;
  const shared = { ...(data && { data }), ...(timeout_seconds !== undefined && { timeout_seconds }) };
  if (event !== undefined || reply !== undefined) {
    if (event === undefined) issues.push({ path: `${path}.event`, message: "is required beside reply" });
    if (reply === undefined) issues.push({ path: `${path}.reply`, message: "is required beside event" });
    return { type: "event_command", config: { event: event ?? "-", reply: reply ?? "-", ...shared } };
  }
  if (service === undefined) issues.push({ path: `${path}.service`, message: "is required beside command" });
  if (command === undefined) issues.push({ path: `${path}.command`, message: "is required beside service" });
  const config = { service: service ?? "-", command: command ?? "-", ...(undo && { undo }), ...shared };
  return { type: "participant", config };
}

function retryOf(
  own: JsonValue | undefined,
  retryAttempts: number | undefined,
  isPastPivot: boolean,
): JsonValue | undefined {
  if (own !== undefined) return own;
  if (retryAttempts !== undefined) return { max_attempts: retryAttempts + 1 };
  return isPastPivot ? FORWARD_RETRY : undefined;
}

/** Whether each step runs after a pivot: it depends on one, or on a step that does. */
function pastPivot(steps: readonly SagaStepInput[]): boolean[] {
  const nameOf = (i: number): string => steps[i]!.name ?? `step_${i}`;
  const before = steps.map((step, i): string[] => {
    const { depends_on } = step as { depends_on?: unknown };
    if (Array.isArray(depends_on)) return depends_on.map(String);
    return i === 0 ? [] : [nameOf(i - 1)];
  });
  const past = new Set<string>();
  const pivots = new Set(steps.flatMap((step, i) => ((step as { pivot?: unknown }).pivot === true ? [nameOf(i)] : [])));
  for (let grown = true; grown; ) {
    grown = false;
    for (const [i, names] of before.entries()) {
      if (past.has(nameOf(i)) || !names.some((name) => pivots.has(name) || past.has(name))) continue;
      past.add(nameOf(i));
      grown = true;
    }
  }
  return steps.map((_, i) => past.has(nameOf(i)));
}
