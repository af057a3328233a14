import {
  isJsonObject,
  isPromise,
  type JsonObject,
  type JsonValue,
  type MaybePromise,
  StepError,
  type StepType,
} from "../model/index.ts";
import { type Config, config, type Transformation } from "./data-transform/schema.ts";
import { transform } from "./data-transform/transform.ts";
import { jsonObject } from "./json-schema.ts";

const docs = `Makes new data from \`source_data\` (default: the previous step's output, or its \`json\` when it has one). Each transformation reads the
source and adds its result to the output under its \`key\`. Without transformations the output is \`{result: <source>}\`.

A path is \`data.items[0].name\`; \`[*]\`, or a name that meets a list, reads every item; negative positions count from the end; a name with
other characters stands in backticks. Anything more is a [JSONata](https://docs.jsonata.org) expression. \`path\` is optional where shown with \`?\`.

| type | fields | result |
|---|---|---|
| \`extract\` | path, default? | the value; \`default\` (null) when there is none |
| \`field_mapping\` | path?, mapping \`{new: "old.path"}\` | an object with the new fields, of a list one for each item; null for a field that is not there |
| \`filter\` | path?, condition: JSONata predicate or \`{field?, operator, value?}\` | the items for which it holds |
| \`aggregate\` | path?, operation count·sum·avg·min·max·distinct, field? | a value; missing and null items take no part; avg, min and max of nothing are null |
| \`sort\` | path?, field?, order asc·desc | the items in order; those without a value last |
| \`group_by\` | path?, field | a map of the field's value → items |
| \`pick\`, \`omit\` | path?, fields | the object, or each item, with or without these fields |
| \`merge\` | paths | one object (later ones win), or one list |
| \`map\` | path?, expression | the JSONata expression's value for each item |
| \`expression\` | path?, expression | the JSONata expression's value |

Operators of a condition: equals, not_equals, contains, not_contains, greater_than, less_than, exists, not_exists.
A list that is not there counts as empty. At most 1,000 transformations, keys unique.

Errors: \`STEP_FAILED\` when the data does not suit (no list, no numbers; not retried), \`EXPRESSION_FAILED\` (retried only when it ran out of
time). Both name the transformation.

\`\`\`json
{ "name": "process", "type": "data_transform",
  "config": { "source_data": "{{steps.api_call.json}}",
    "transformations": [{ "type": "extract", "path": "data.items", "key": "processed_items" }] } }
\`\`\`
`;

export const dataTransform: StepType<Config, JsonObject> = {
  type: "data_transform",
  summary: "Extracts, maps, filters and aggregates data.",
  docs,
  config,
  output: jsonObject,
  effect: "none",
  computes: true,
  previousUnless: "source_data",
  open: ["transformations[].condition"],
  run({ source_data, transformations }, context) {
    const source = source_data === undefined ? bodyOf(context.previousOutput) : source_data;
    return transformations.length === 0 ? { result: source } : transformFrom(0, transformations, source, []);
  },
};

/** An http_request's output stands for the JSON that it fetched. */
function bodyOf(output: JsonValue): JsonValue {
  return isJsonObject(output) && Object.hasOwn(output, "json") ? output.json! : output;
}

/** Goes on synchronously until a transformation has to wait. */
function transformFrom(
  start: number,
  transformations: readonly Transformation[],
  source: JsonValue,
  done: readonly (readonly [string, JsonValue])[],
): MaybePromise<JsonObject> {
  const results = [...done];
  for (let index = start; index < transformations.length; index++) {
    const transformation = transformations[index]!;
    const value = attempt(index, transformation, source);
    if (isPromise(value)) {
      return value.then((settled) =>
        transformFrom(index + 1, transformations, source, [...results, [transformation.key, settled]]),
      );
    }
    results.push([transformation.key, value]);
  }
  return Object.fromEntries(results);
}

function attempt(index: number, transformation: Transformation, source: JsonValue): MaybePromise<JsonValue> {
  const named = (error: unknown): never => {
    if (!(error instanceof StepError)) throw error;
    const message = `transformations[${index}] (${transformation.type}) ${error.message}`;
    const { retryable, cause } = error;
    throw new StepError(error.code, message, { retryable, ...(cause === undefined ? {} : { cause }) });
  };
  try {
    const value = transform(transformation, source);
    return isPromise(value) ? value.catch(named) : value;
  } catch (error) {
    return named(error);
  }
}
