import {
  isPromise,
  type JsonObject,
  type JsonValue,
  type MaybePromise,
  memberPath,
  nearestName,
  StepError,
} from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import { contains, isEqual, order } from "./comparison.ts";
import type { CompileOptions, Condition, Template } from "./contract.ts";
import { compileTemplate } from "./template.ts";

const comparisons: { readonly [type: string]: (left: JsonValue, right: JsonValue) => boolean } = {
  equals: isEqual,
  not_equals: (left, right) => !isEqual(left, right),
  contains,
  not_contains: (left, right) => !contains(left, right),
  greater_than: (left, right) => order(left, right) > 0,
  less_than: (left, right) => order(left, right) < 0,
};
const existences: ReadonlySet<string> = new Set(["exists", "not_exists"]);

/** `type` of the older form of a condition. */
export const conditionTypes: readonly string[] = [...Object.keys(comparisons), ...existences];
const keys: readonly string[] = ["type", "left", "right"];

/** The older form `{type, left, right}`. Null when it is broken; the issues then say why. */
export function compileConditionObject(source: JsonObject, options: CompileOptions): Condition | null {
  const { path, issues } = options;
  const before = issues.length;
  for (const key of Object.keys(source)) {
    if (keys.includes(key)) continue;
    const near = nearestName(key, keys, issues.length);
    issues.push({
      path: memberPath(path, key),
      message: `is no key of a condition${near ? `; did you mean ${near}?` : ""}`,
    });
  }
  const type = source.type;
  if (typeof type !== "string" || !conditionTypes.includes(type)) {
    issues.push({ path: `${path}.type`, message: `must be one of ${conditionTypes.join(", ")}` });
    return null;
  }
  const needed = existences.has(type) ? ["left"] : ["left", "right"];
  for (const key of needed) {
    if (!Object.hasOwn(source, key))
      issues.push({ path: `${path}.${key}`, message: `is required by the condition ${type}` });
  }
  const [left, right] = (["left", "right"] as const).map((key) =>
    compileTemplate(source[key] ?? null, { ...options, path: `${path}.${key}` }),
  ) as [Template, Template];
  if (issues.length > before) return null;
  return {
    evaluate: existences.has(type)
      ? (bindings) => exists(left, bindings, type === "exists")
      : (bindings) => compare(left, right, bindings, comparisons[type]!),
    reads: [...left.reads, ...right.reads],
  };
}

function compare(
  left: Template,
  right: Template,
  bindings: Bindings,
  verdict: (left: JsonValue, right: JsonValue) => boolean,
): MaybePromise<boolean> {
  const a = left.resolve(bindings);
  if (isPromise(a)) return a.then(async (value) => verdict(value, await right.resolve(bindings)));
  const b = right.resolve(bindings);
  return isPromise(b) ? b.then((value) => verdict(a, value)) : verdict(a, b);
}

/** Null exists, as for jsonata's $exists and `??`. Only a missing variable does not. */
function exists(template: Template, bindings: Bindings, expected: boolean): MaybePromise<boolean> {
  const ifMissing = (error: unknown): boolean => {
    if (error instanceof StepError && error.code === "VARIABLE_MISSING") return !expected;
    throw error;
  };
  try {
    const value = template.resolve(bindings);
    return isPromise(value) ? value.then(() => expected, ifMissing) : expected;
  } catch (error) {
    return ifMissing(error);
  }
}
