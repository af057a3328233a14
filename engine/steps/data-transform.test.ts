import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testContext } from "../../tests/support/step-context.ts";
import { isPromise, type JsonValue } from "../model/json.ts";
import { StepError } from "../model/step-error.ts";
import { dataTransform } from "./data-transform.ts";

function run(config: object, previousOutput: JsonValue = null) {
  return dataTransform.run(dataTransform.config.parse(config), testContext({ previousOutput }));
}

/** The result of one transformation; fails unless it was computed synchronously. */
function transformed(source_data: JsonValue, transformation: object): unknown {
  const output = run({ source_data, transformations: [{ key: "out", ...transformation }] });
  assert.ok(!isPromise(output), "is synchronous");
  return (output as { out: unknown }).out;
}

async function evaluated(source_data: JsonValue, transformation: object): Promise<unknown> {
  const output = await run({ source_data, transformations: [{ key: "out", ...transformation }] });
  return (output as { out: unknown }).out;
}

const order = {
  data: {
    items: [
      { id: 1, name: "pen", price: 2, tags: ["a", "b"] },
      { id: 2, name: "ink", price: 7.5, tags: [] },
      { id: 3, name: "pad", price: null, tags: ["c"] },
    ],
    "first name": "Ada",
    "content-type": "text",
  },
  grid: [
    [1, 2],
    [3, 4],
  ],
};

test("the documented example extracts data.items", () => {
  const output = run({
    source_data: order,
    transformations: [{ type: "extract", path: "data.items", key: "processed_items" }],
  });
  assert.deepEqual(output, { processed_items: order.data.items });
});

test("the source is source_data, or the previous output, or its json", () => {
  const transformations = [{ type: "extract", path: "a", key: "k" }];
  assert.deepEqual(run({ source_data: { a: 1 }, transformations }, { a: 2 }), { k: 1 });
  assert.deepEqual(run({ transformations }, { a: 2 }), { k: 2 });
  assert.deepEqual(run({ transformations }, { a: 2, json: { a: 3 } }), { k: 3 });
  assert.deepEqual(run({ source_data: null, transformations }, { a: 2 }), { k: null });
  assert.deepEqual(run({ transformations }), { k: null });
});

test("without transformations the output is the source as result", () => {
  assert.deepEqual(run({ source_data: [1] }), { result: [1] });
  assert.deepEqual(run({ transformations: [] }, { json: "x" }), { result: "x" });
});

test("a plain path is read synchronously", () => {
  const table: [string, unknown][] = [
    ["data.items[0].name", "pen"],
    ["data.items[-1].id", 3],
    ["data.items.1.id", 2],
    ["data.items[*].name", ["pen", "ink", "pad"]],
    ["data.items.name", ["pen", "ink", "pad"]],
    ["data.items.tags", ["a", "b", "c"]],
    ["data.items.tags[0]", ["a", "c"]],
    ["data.items[*]", order.data.items],
    ["grid[1][0]", 3],
    ["grid[*][0]", [1, 3]],
    ["data.`first name`", "Ada"],
    ["data.content-type", "text"],
    ["data.items[9]", null],
    ["data.nothing.there", null],
    ["data.items.nothing", []],
    ["data.items.length", []],
    ["constructor", null],
    ["__proto__.toString", null],
  ];
  for (const [path, expected] of table) assert.deepEqual(transformed(order, { type: "extract", path }), expected, path);
});

test("what a path does not find is the default, or null; null counts as not found", () => {
  assert.equal(transformed({}, { type: "extract", path: "a", default: 5 }), 5);
  assert.equal(transformed({ a: null }, { type: "extract", path: "a", default: 5 }), 5);
  assert.equal(transformed({ a: false }, { type: "extract", path: "a", default: 5 }), false);
  assert.equal(transformed({}, { type: "extract", path: "a" }), null);
});

test("a path that is more than plain is JSONata", async () => {
  assert.equal(await evaluated(order, { type: "extract", path: "$sum(data.items.price[$ != null])" }), 9.5);
  assert.deepEqual(await evaluated(order, { type: "extract", path: "data.items[id = 2].name" }), "ink");
  assert.equal(await evaluated(order, { type: "extract", path: "data.items[id > 500].name", default: "-" }), "-");
});

test("field_mapping renames, in an object or in each item of a list", () => {
  const mapping = { title: "name", first: "tags[0]", none: "x" };
  assert.deepEqual(transformed(order, { type: "field_mapping", path: "data.items[0]", mapping }), {
    title: "pen",
    first: "a",
    none: null,
  });
  assert.deepEqual(transformed(order, { type: "field_mapping", path: "data.items", mapping: { n: "name" } }), [
    { n: "pen" },
    { n: "ink" },
    { n: "pad" },
  ]);
  assert.deepEqual(transformed({ "a b": 1 }, { type: "field_mapping", mapping: { ab: "a b" } }), { ab: 1 });
  assert.equal(transformed({}, { type: "field_mapping", path: "gone", mapping }), null);
});

test("filter compares a field with a value", () => {
  const table: [object, number[]][] = [
    [{ field: "price", operator: "greater_than", value: 2 }, [2]],
    [{ field: "price", operator: "greater_than", value: "2" }, [2]],
    [{ field: "price", operator: "less_than", value: 7.5 }, [1]],
    [{ field: "name", operator: "greater_than", value: "pa" }, [1, 3]],
    [{ field: "name", operator: "equals", value: "ink" }, [2]],
    [{ field: "id", operator: "equals", value: "2" }, []],
    [{ field: "id", operator: "not_equals", value: 2 }, [1, 3]],
    [{ field: "price", operator: "exists" }, [1, 2]],
    [{ field: "price", operator: "not_exists" }, [3]],
    [{ field: "price", operator: "equals", value: null }, [3]],
    [{ field: "tags", operator: "contains", value: "c" }, [3]],
    [{ field: "tags", operator: "not_contains", value: "c" }, [1, 2]],
    [{ field: "name", operator: "contains", value: "p" }, [1, 3]],
    [{ operator: "contains", value: "price" }, [1, 2, 3]],
  ];
  for (const [condition, ids] of table) {
    const items = transformed(order, { type: "filter", path: "data.items", condition }) as { id: number }[];
    assert.deepEqual(
      items.map(({ id }) => id),
      ids,
      JSON.stringify(condition),
    );
  }
});

test("filter takes a JSONata predicate over the item", async () => {
  const table: [string, number[]][] = [
    ["price != null and price > 2", [2]],
    ["'a' in tags", [1]],
    ["$count(tags) > 0", [1, 3]],
    ["missing", []],
    ["$index = 1", [2]],
  ];
  for (const [condition, ids] of table) {
    const items = (await evaluated(order, { type: "filter", path: "data.items", condition })) as { id: number }[];
    assert.deepEqual(
      items.map(({ id }) => id),
      ids,
      condition,
    );
  }
  assert.deepEqual(await evaluated([1, 2, 3], { type: "filter", condition: "$ > 2" }), [3]);
  assert.deepEqual(await evaluated([], { type: "filter", condition: "$ > 2" }), []);
});

test("aggregate leaves out what is missing or null", () => {
  const table: [string, string | undefined, unknown][] = [
    ["count", undefined, 3],
    ["count", "price", 2],
    ["sum", "price", 9.5],
    ["avg", "price", 4.75],
    ["min", "price", 2],
    ["max", "price", 7.5],
    ["min", "name", "ink"],
    ["distinct", "tags", [["a", "b"], [], ["c"]]],
  ];
  for (const [operation, field, expected] of table) {
    assert.deepEqual(transformed(order, { type: "aggregate", path: "data.items", operation, field }), expected);
  }
  assert.deepEqual(transformed([1, "1", 1, null, { a: 1 }, { a: 1 }], { type: "aggregate", operation: "distinct" }), [
    1,
    "1",
    { a: 1 },
  ]);
});

test("aggregating nothing gives 0, null or an empty list", () => {
  const expected = { count: 0, sum: 0, avg: null, min: null, max: null, distinct: [] };
  for (const [operation, result] of Object.entries(expected)) {
    assert.deepEqual(transformed({}, { type: "aggregate", path: "gone", operation }), result, operation);
  }
});

test("sort is stable, by a field or the item, what has no value last in either direction", () => {
  const names = (order_: string) =>
    (transformed(order, { type: "sort", path: "data.items", field: "price", order: order_ }) as { name: string }[]).map(
      ({ name }) => name,
    );
  assert.deepEqual(names("asc"), ["pen", "ink", "pad"]);
  assert.deepEqual(names("desc"), ["ink", "pen", "pad"]);
  assert.deepEqual(transformed([3, "b", null, 10, "a", true], { type: "sort" }), [true, 3, 10, "a", "b", null]);
});

test("group_by names groups by the field's value, also awkward ones", () => {
  const items = [{ k: "a" }, { k: 1 }, { k: "a", n: 2 }, {}, { k: "__proto__" }];
  const groups = transformed(items, { type: "group_by", field: "k" }) as Record<string, unknown>;
  assert.deepEqual(Object.keys(groups), ["1", "a", "null", "__proto__"]);
  assert.deepEqual(groups.a, [{ k: "a" }, { k: "a", n: 2 }]);
  assert.equal(Object.getPrototypeOf(groups), Object.prototype);
});

test("pick and omit keep or drop fields", () => {
  assert.deepEqual(transformed({ a: 1, b: 2 }, { type: "pick", fields: ["a", "z"] }), { a: 1 });
  assert.deepEqual(transformed([{ a: 1, b: 2 }], { type: "omit", fields: ["a"] }), [{ b: 2 }]);
});

test("merge joins objects or lists", () => {
  const source = { a: { x: 1, y: 1 }, b: { y: 2 }, l: [1], m: [2, [3]] };
  assert.deepEqual(transformed(source, { type: "merge", paths: ["a", "b", "gone"] }), { x: 1, y: 2 });
  assert.deepEqual(transformed(source, { type: "merge", paths: ["l", "m"] }), [1, 2, [3]]);
  assert.equal(transformed(source, { type: "merge", paths: ["gone"] }), null);
});

test("map keeps one result for each item, expression gives one value", async () => {
  assert.deepEqual(await evaluated(order, { type: "map", path: "data.items", expression: "id * 2" }), [2, 4, 6]);
  assert.deepEqual(await evaluated(order, { type: "map", path: "data.items", expression: "tags" }), [
    ["a", "b"],
    [],
    ["c"],
  ]);
  assert.deepEqual(await evaluated([{ a: 1 }, {}], { type: "map", expression: "a" }), [1, null]);
  assert.deepEqual(await evaluated(order, { type: "expression", path: "data", expression: "$count(items)" }), 3);
  assert.equal(await evaluated({}, { type: "expression", expression: "gone" }), null);
});

test("results keep their order when only some of them have to wait", async () => {
  const output = await run({
    source_data: { a: 1 },
    transformations: [
      { type: "extract", key: "x", path: "a" },
      { type: "expression", key: "y", expression: "a + 1" },
      { type: "extract", key: "z", path: "a" },
    ],
  });
  assert.deepEqual(Object.entries(output), [
    ["x", 1],
    ["y", 2],
    ["z", 1],
  ]);
});

test("data that does not suit fails the step and names the transformation", async () => {
  const table: [object, RegExp][] = [
    [{ type: "sort", path: "a" }, /^transformations\[0\] \(sort\) needs a list, but the path leads to an object$/],
    [
      { type: "aggregate", path: "l", operation: "sum" },
      /^transformations\[0\] \(aggregate\) needs numbers, .* a string$/,
    ],
    [{ type: "pick", path: "l", fields: ["x"] }, /needs an object or a list of objects, but there is a number$/],
    [{ type: "merge", paths: ["a", "l"] }, /needs either objects only or lists only$/],
  ];
  for (const [transformation, message] of table) {
    assert.throws(() => transformed({ a: {}, l: [1, "2"] }, transformation), {
      code: "STEP_FAILED",
      retryable: false,
      message,
    });
  }
  for (const expression of ["(((", "$error('x')", "1 + 'a'"]) {
    await assert.rejects(evaluated({}, { type: "expression", expression }), {
      code: "EXPRESSION_FAILED",
      retryable: false,
      message: /^transformations\[0\] \(expression\) /,
    });
  }
});

test("the config is refused where it breaks its rules", () => {
  const broken = [
    { transformations: [{ type: "extract", path: "a" }] },
    { transformations: [{ type: "extract", key: "k" }] },
    { transformations: [{ type: "explode", key: "k" }] },
    { transformations: [{ type: "extract", key: "k", path: "a", colour: 1 }] },
    {
      transformations: [
        { type: "extract", key: "k", path: "a" },
        { type: "extract", key: "k", path: "b" },
      ],
    },
    { transformations: [{ type: "filter", key: "k", condition: { operator: "is" } }] },
    { transformations: {} },
  ];
  for (const value of broken) assert.equal(dataTransform.config.safeParse(value).success, false, JSON.stringify(value));
});

const path = fc.oneof(
  fc.constantFrom("a", "a.b", "[*]", "[0]", "a[*].b", "a[-1]", "b"),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const plainPath = fc.constantFrom("a", "a.b", "[*]", "[0]", "a[*].b", "a[-1]", "b", "`x y`");
const key = fc.constant("k");
const field = fc.option(plainPath, { nil: undefined });

/** Every kind, over paths that need no JSONata. */
const plainTransformation = fc.oneof(
  fc.record({ type: fc.constant("extract"), key, path: plainPath }),
  fc.record({ type: fc.constant("field_mapping"), key, path: field, mapping: fc.dictionary(fc.string(), plainPath) }),
  fc.record({
    type: fc.constant("aggregate"),
    key,
    path: field,
    field,
    operation: fc.constantFrom("count", "sum", "avg", "min", "max", "distinct"),
  }),
  fc.record({ type: fc.constant("sort"), key, path: field, field, order: fc.constantFrom("asc", "desc") }),
  fc.record({ type: fc.constant("group_by"), key, path: field, field: plainPath }),
  fc.record({ type: fc.constantFrom("pick", "omit"), key, path: field, fields: fc.array(plainPath, { minLength: 1 }) }),
  fc.record({ type: fc.constant("merge"), key, paths: fc.array(plainPath, { minLength: 1 }) }),
  fc.record({
    type: fc.constant("filter"),
    key,
    path: field,
    condition: fc.record({
      field,
      operator: fc.constantFrom(
        "equals",
        "not_equals",
        "contains",
        "not_contains",
        "greater_than",
        "less_than",
        "exists",
      ),
      value: fc.jsonValue(),
    }),
  }),
);

const source = fc.oneof(
  fc.jsonValue(),
  fc.array(fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue())),
  fc.record({ a: fc.jsonValue(), b: fc.jsonValue() }),
);

test("whatever the data, a plain transformation gives JSON at once or throws a StepError, and leaves the source alone", () => {
  fc.assert(
    fc.property(source, plainTransformation, (data, transformation) => {
      const before = JSON.stringify(data);
      try {
        const output = run({ source_data: data, transformations: [transformation] });
        assert.ok(!isPromise(output));
        assert.ok(Object.hasOwn(output, "k") && JSON.stringify(output).includes('"k":'), "the result is JSON");
      } catch (error) {
        assert.ok(error instanceof StepError, String(error));
        assert.equal(error.retryable, false);
      }
      assert.equal(JSON.stringify(data), before);
    }),
    { numRuns: 3_000 },
  );
});

test("whatever the path or expression says, the outcome is a value or a StepError", async () => {
  const expression = fc.oneof(
    path,
    fc.constantFrom("$", "$$", "$sum(a)", "function($x){$x}", "$map(a, b)", "a.b[c]", "{'a': 1}", "/x/"),
  );
  const kinds = fc.oneof(
    fc.record({ type: fc.constant("extract"), key, path: expression }),
    fc.record({ type: fc.constantFrom("map", "expression"), key, expression }),
    fc.record({ type: fc.constant("filter"), key, condition: expression }),
  );
  await fc.assert(
    fc.asyncProperty(source, kinds, async (data, transformation) => {
      try {
        await run({ source_data: data, transformations: [transformation] });
      } catch (error) {
        assert.ok(error instanceof StepError, String(error));
      }
    }),
    { numRuns: 1_000 },
  );
});

test("an expression that loops or recurses without end is stopped, and a hostile regular expression does no harm", async () => {
  const data = { text: "a".repeat(50_000) };
  const endless = "($f := function($x) { $f($x + 1) }; $f(0))";
  await assert.rejects(evaluated(data, { type: "expression", expression: endless }), { code: "EXPRESSION_FAILED" });
  assert.equal(await evaluated(data, { type: "expression", expression: "$contains(text, /^(a+)+$/)" }), true);
  await assert.rejects(evaluated(data, { type: "expression", expression: "$contains(text, /(?=a)/)" }), {
    code: "EXPRESSION_FAILED",
    retryable: false,
  });
});
