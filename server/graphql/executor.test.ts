import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, getOperationAST, parse } from "graphql";
import { createExecutor } from "./executor.ts";

const schema = buildSchema(`
  input Wish { count: Int! = 2, sizes: [Int!] }
  type Query { wished(wish: Wish!, of: Int): String }
`);
schema.getQueryType()!.getFields().wished!.resolve = (_root, { wish, of = null }) => JSON.stringify([{ ...wish }, of]);

/** What the third and fourth time give is compiled, if anything is. */
async function answers(query: string, variables: Record<string, unknown> = {}): Promise<string[]> {
  const execute = createExecutor(schema);
  const document = parse(query);
  const operation = getOperationAST(document)!;
  const given: string[] = [];
  for (let i = 0; i < 4; i++) given.push(JSON.stringify(await execute({ document, operation, variables }, {})));
  return given;
}

for (const [what, query, variables] of [
  ["an input object", "{ wished(wish: { sizes: [1] }, of: 3) }", {}],
  ["a variable", "query ($of: Int) { wished(wish: {}, of: $of) }", { of: 5 }],
  ["a variable that is absent", "query ($of: Int) { wished(wish: {}, of: $of) }", {}],
  ["an input object that is a variable", "query ($wish: Wish!) { wished(wish: $wish) }", { wish: { sizes: [] } }],
  ["a variable in an input object", "query ($n: Int) { wished(wish: { count: $n }) }", {}],
  ["a null in an input object", "query ($n: Int) { wished(wish: { count: $n }) }", { n: null }],
  ["a variable in a list", "query ($n: Int!) { wished(wish: { sizes: [$n] }) }", { n: 7 }],
  ["an alias __proto__", "{ __proto__: wished(wish: {}) }", {}],
  [
    "fragments",
    "{ ...a ...b } fragment a on Query { x: wished(wish: {}) } fragment b on Query { x: wished(wish: {}) }",
    {},
  ],
] as const) {
  test(`${what}: the answer is the same every time`, async () => {
    const [first, ...others] = await answers(query, variables);
    for (const other of others) assert.equal(other, first);
  });
}
