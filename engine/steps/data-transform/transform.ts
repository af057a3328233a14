import { isPromise, type JsonValue, type MaybePromise } from "../../model/index.ts";
import { predicate } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { aggregate, asList, groupBy, sort } from "./lists.ts";
import { keepFields, mapFields, merge } from "./objects.ts";
import { parsePlainPath, readPath } from "./path.ts";
import type { Transformation } from "./schema.ts";

/** Synchronous, unless a path or condition needs jsonata. */
export function transform(transformation: Transformation, source: JsonValue): MaybePromise<JsonValue> {
  if (transformation.type === "merge") return mergePaths(transformation.paths, source);
  const found = transformation.path === undefined ? source : find(source, transformation.path);
  return isPromise(found) ? found.then((value) => apply(transformation, value)) : apply(transformation, found);
}

function apply(
  transformation: Exclude<Transformation, { type: "merge" }>,
  value: JsonValue | undefined,
): MaybePromise<JsonValue> {
  switch (transformation.type) {
    case "extract":
      return value ?? transformation.default ?? null;
    case "field_mapping":
      return mapFields(value, transformation.mapping);
    case "filter":
      return typeof transformation.condition === "string"
        ? filterByExpression(asList(value), transformation.condition)
        : asList(value).filter(predicate(transformation.condition));
    case "aggregate":
      return aggregate(asList(value), transformation);
    case "sort":
      return sort(asList(value), transformation);
    case "group_by":
      return groupBy(asList(value), transformation.field);
    case "pick":
    case "omit":
      return keepFields(value, transformation.fields, transformation.type);
    case "map":
      return evaluateEach(asList(value), transformation.expression);
    case "expression":
      return evaluate(transformation.expression, value ?? null).then((result) => result ?? null);
  }
}

function find(source: JsonValue, text: string): MaybePromise<JsonValue | undefined> {
  const path = parsePlainPath(text);
  return path ? readPath(source, path) : evaluate(text, source);
}

function mergePaths(paths: readonly string[], source: JsonValue): MaybePromise<JsonValue> {
  const values = paths.map((text) => find(source, text));
  return values.some(isPromise) ? Promise.all(values).then(merge) : merge(values as (JsonValue | undefined)[]);
}

async function filterByExpression(items: readonly JsonValue[], condition: string): Promise<JsonValue> {
  const verdicts = await evaluateEach(items, `$boolean((${condition}))`);
  return items.filter((_item, index) => verdicts[index] === true);
}

/**
 * The whole list in one evaluation, under one time limit. Each result is wrapped in an object, because jsonata would
 * drop those that are undefined and so shift the others.
 */
async function evaluateEach(items: readonly JsonValue[], expression: string): Promise<readonly JsonValue[]> {
  if (items.length === 0) return [];
  const program = `[$map(items, function($item, $index) { {"value": $item.(${expression})} })]`;
  const results = (await evaluate(program, { items })) as readonly { readonly value?: JsonValue }[];
  return results.map(({ value }) => value ?? null);
}
