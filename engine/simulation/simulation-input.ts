import { type Definition, suggest } from "../definition/index.ts";
import {
  DomainError,
  type Issue,
  type JsonObject,
  type JsonValue,
  memberPath,
  type StepErrorCode,
  stepErrorCodes,
} from "../model/index.ts";

/** What a step does in a simulation, in place of its own work. */
export interface StepMock {
  /** Name of a step, or of a part of one: `fan[2]`, `check[true]`, `charge[undo]`. That of a step holds for its items too. */
  readonly step: string;
  /** Default: an example of the step type's output. */
  readonly output?: JsonValue;
  /** Fails with it, at first or always. Default: does not fail. */
  readonly error?: MockError | null;
  /** Attempts that fail before one succeeds, 1 to 100. Default with an error: all. */
  readonly failures?: number | null;
  /** When the output comes, in seconds of simulated time, 0 to 31,536,000. Default 0: at once. */
  readonly afterSeconds?: number | null;
}

interface MockError {
  readonly code: StepErrorCode;
  readonly message: string;
  /** Whether the step's retry policy applies. */
  readonly isRetryable: boolean;
}

export interface SimulationRequest {
  /** The workflow whose current version is simulated, or else `definition`. */
  readonly workflowId: number | null;
  readonly definition: JsonObject | null;
  /** Of `definition`; those of a workflow are its own. */
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly triggerData: JsonObject;
  readonly mocks: readonly StepMock[];
  /** A step, or a part of one, that fails for good. */
  readonly failAt: string | null;
  /** What the clock shows at the start, ms since the epoch. */
  readonly startAt: number;
  /** Values of `{{env.NAME}}`: those of the service are never read. */
  readonly environment: JsonObject;
}

const MAX_MOCKS = 1_000;
const MAX_FAILURES = 100;
const MAX_AFTER_SECONDS = 31_536_000;

/** Throws every reason why the request makes no sense for this definition. */
export function checkRequest({ mocks, failAt, environment }: SimulationRequest, definition: Definition): void {
  const issues: Issue[] = [];
  const names = new Set(definition.steps.map(({ name }) => name));
  const checkName = (path: string, name: string): void => {
    if (names.has(stepOf(name))) return;
    issues.push({
      path,
      message: `"${name}" is no step of the definition${suggest(stepOf(name), names, issues.length)}`,
    });
  };
  if (mocks.length > MAX_MOCKS) throw DomainError.invalid([{ path: "mocks", message: `must be at most ${MAX_MOCKS}` }]);
  const mocked = new Set<string>();
  for (const [i, { step, error, failures, afterSeconds }] of mocks.entries()) {
    const path = `mocks[${i}]`;
    checkName(`${path}.step`, step);
    if (mocked.has(step)) issues.push({ path: `${path}.step`, message: `is mocked twice: "${step}"` });
    mocked.add(step);
    if (error && !Object.hasOwn(stepErrorCodes, error.code))
      issues.push({ path: `${path}.error.code`, message: "must be a code of step errors" });
    if (failures != null && !(Number.isInteger(failures) && failures >= 1 && failures <= MAX_FAILURES))
      issues.push({ path: `${path}.failures`, message: `must be a whole number from 1 to ${MAX_FAILURES}` });
    if (afterSeconds != null && !(afterSeconds >= 0 && afterSeconds <= MAX_AFTER_SECONDS))
      issues.push({ path: `${path}.afterSeconds`, message: `must be from 0 to ${MAX_AFTER_SECONDS}` });
  }
  if (failAt !== null) checkName("fail_at", failAt);
  for (const [name, value] of Object.entries(environment)) {
    if (typeof value !== "string") issues.push({ path: memberPath("environment", name), message: "must be text" });
  }
  if (issues.length > 0) throw DomainError.invalid(issues);
}

/** The step that a part belongs to: `fan` of `fan[2][true]`. Names of steps hold no brackets. */
function stepOf(name: string): string {
  const bracket = name.indexOf("[");
  return bracket === -1 ? name : name.slice(0, bracket);
}

/** What is said of a unit of work: by its own name, or else by that of what it is part of. An undoing has its own name only. */
export function findByName<T>(name: string, find: (name: string) => T | undefined): T | undefined {
  for (let part = name; ; part = part.slice(0, part.lastIndexOf("["))) {
    const found = find(part);
    if (found !== undefined || !part.endsWith("]") || part.endsWith("[undo]")) return found;
  }
}
