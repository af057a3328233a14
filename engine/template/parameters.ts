import { nearestName } from "../expression/index.ts";
import { type Issue, isJsonObject, type JsonObject, type JsonValue, memberPath } from "../model/index.ts";

/** A bare name, alone in its placeholder. A parameter inside a larger expression is not filled in, and is then refused. */
const bareName = /\{\{\s*([\p{L}_][\p{L}\p{N}_-]*)\s*\}\}/gu;

/** Names that a definition knows by itself, and literals. */
const reserved: ReadonlySet<string> = new Set(
  "execution_id workflow_id trigger steps env item index input output true false null".split(" "),
);

/** Texts under these keys are conditions: expressions, which a value must enter as a literal, never as text. */
const conditionKeys: ReadonlySet<string> = new Set(["if", "condition"]);
const MAX_LISTED_NAMES = 20;

/** Names of the parameters of a template, in the order in which they appear. */
export function parametersOf(config: JsonValue): string[] {
  const names = new Set<string>();
  visitTexts(config, (text) => {
    for (const [, name] of text.matchAll(bareName)) if (!reserved.has(name!)) names.add(name!);
  });
  return [...names];
}

/** Reports the values for which the template has no parameter. */
export function checkParameters(known: readonly string[], given: JsonObject, path: string, issues: Issue[]): void {
  const names = new Set(known);
  for (const name of Object.keys(given)) {
    if (names.has(name)) continue;
    const near = nearestName(name, known, issues.length);
    const hint = near ? `did you mean ${near}?` : known.length > 0 ? `known are ${listed(known)}` : "it has none";
    issues.push({ path: memberPath(path, name), message: `is not a parameter of the template; ${hint}` });
  }
}

/** For a message, of which there may be thousands with thousands of names. */
export function listed(names: readonly string[]): string {
  const more = names.length > MAX_LISTED_NAMES ? ` and ${names.length - MAX_LISTED_NAMES} more` : "";
  return `${names.slice(0, MAX_LISTED_NAMES).join(", ")}${more}`;
}

/** Puts values in the place of parameters. One that stands for a whole text keeps its type. */
export function fillParameters<Value extends JsonValue>(config: Value, values: JsonObject): Value {
  return fill(config, values, false) as Value;
}

function fill(value: JsonValue, values: JsonObject, isCondition: boolean): JsonValue {
  if (typeof value === "string") return fillText(value, values, isCondition);
  if (Array.isArray(value)) return value.map((member: JsonValue) => fill(member, values, false));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fill(member, values, conditionKeys.has(key))]),
  );
}

function fillText(text: string, values: JsonObject, isCondition: boolean): JsonValue {
  const whole = text.match(bareName)?.[0] === text ? givenFor(text.slice(2, -2).trim(), values) : undefined;
  if (whole !== undefined && !(isCondition && typeof whole === "string")) return whole;
  return text.replace(bareName, (placeholder: string, name: string) => {
    const value = givenFor(name, values);
    if (value === undefined) return placeholder;
    if (isCondition && !isPlaceholder(value)) return `{{${JSON.stringify(value)}}}`;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function givenFor(name: string, values: JsonObject): JsonValue | undefined {
  return !reserved.has(name) && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A value may itself be an expression, such as `{{trigger.url}}`. */
function isPlaceholder(value: JsonValue): boolean {
  return typeof value === "string" && value.startsWith("{{") && value.endsWith("}}");
}

function visitTexts(value: JsonValue, visit: (text: string) => void): void {
  if (typeof value === "string") visit(value);
  else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) visitTexts(member as JsonValue, visit);
  }
}
