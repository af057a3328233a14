import { type Bindings, MASK } from "../expression/index.ts";
import { isJsonObject, type JsonValue, type StepRecord } from "../model/index.ts";
import { hideHeaders } from "../secret/index.ts";
import { actionOf } from "./compensation.ts";
import type { ExecutionRun } from "./run.ts";
import { bindingsOf } from "./step-context.ts";
import { unitOf } from "./unit.ts";

/**
 * The input that a step ran with, as what undoes it sees it. It was stored with `***` for its secrets, which are filled in
 * anew; all else is as it was.
 */
export async function frozenInput(run: ExecutionRun, record: StepRecord): Promise<JsonValue> {
  const { config, hides } = actionOf(run.plan.definition, record);
  if (!holdsMask(record.input)) return record.input;
  const bindings: Bindings = bindingsOf(run, unitOf(run, record));
  const { value, shown } = await config.resolveHiding(bindings, hides ?? (() => false));
  return refill(record.input, hideHeaders(shown, hidden), value);
}

const hidden = (): string => MASK;

function holdsMask(value: JsonValue): boolean {
  if (typeof value === "string") return value.includes(MASK);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => holdsMask(member as JsonValue));
}

/** What is not shown is taken from `value`; where the two have the same members, one by one. */
function refill(stored: JsonValue, shown: JsonValue, value: JsonValue): JsonValue {
  if (shown === value) return stored;
  if (Array.isArray(stored) && Array.isArray(shown) && Array.isArray(value)) {
    return stored.map((member, index) => refill(member, shown[index] ?? null, value[index] ?? null));
  }
  if (isJsonObject(stored) && isJsonObject(shown) && isJsonObject(value)) {
    const members = Object.entries(stored);
    return Object.fromEntries(
      members.map(([key, member]) => [key, refill(member, shown[key] ?? null, value[key] ?? null)]),
    );
  }
  return typeof shown === "string" && shown.includes(MASK) ? value : stored;
}
