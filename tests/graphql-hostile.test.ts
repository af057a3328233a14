import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { getIntrospectionQuery } from "graphql";
import type { Client } from "graphql-ws";
import { WebSocket } from "ws";
import { documentLimits } from "../server/graphql/limits.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";

let api: TestApi;
let client: Client;
before(async () => {
  api = await testApi();
  client = api.client();
});
after(() => api.close());

const repeated = (times: number, text: (i: number) => string, separator = " ") =>
  Array.from({ length: times }, (_, i) => text(i)).join(separator);
const nested = (levels: number) => `{ execution(id: 1) ${"{ parent ".repeat(levels)}{ id }${"}".repeat(levels)} }`;
/** Each fragment spreads the next one twice, a level deeper: 2^levels fields. */
const bomb = (levels: number) =>
  `{ execution(id: 1) { ...f0 } } ${repeated(levels, (i) => `fragment f${i} on Execution { parent { ...f${i + 1} } p: parent { ...f${i + 1} } }`)} fragment f${levels} on Execution { id }`;
const tooComplex = (limit: keyof typeof documentLimits) => ({
  code: "OPERATION_TOO_COMPLEX",
  limit,
  max: documentLimits[limit],
});

interface Hostile {
  readonly what: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions: Record<string, unknown>;
}

const hostile: readonly Hostile[] = [
  { what: "deep", query: nested(40), extensions: tooComplex("depth") },
  { what: "deeper than the stack", query: nested(100_000), extensions: tooComplex("tokens") },
  {
    what: "lists deeper than the stack",
    query: `{ executions(first: ${"[".repeat(200_000)}`,
    extensions: tooComplex("tokens"),
  },
  { what: "wide", query: `{ executions { nodes { ${"id ".repeat(100_000)} } } }`, extensions: tooComplex("tokens") },
  {
    what: "full of aliases",
    query: `{ ${repeated(100, (i) => `a${i}: stepTypes { name }`)} }`,
    extensions: tooComplex("aliases"),
  },
  {
    what: "full of aliases in a fragment that is spread again and again",
    query: `{ ${repeated(9, () => "...f")} } fragment f on Query { ${repeated(9, (i) => `a${i}: stepTypes { ...g }`)} } fragment g on StepType { ${repeated(9, (i) => `b${i}: name`)} }`,
    extensions: tooComplex("aliases"),
  },
  {
    what: "full of directives",
    query: `{ stepTypes { ${repeated(60, () => "name @include(if: true)")} } }`,
    extensions: tooComplex("directives"),
  },
  {
    what: "full of one directive",
    query: `{ stepTypes { name ${"@include(if: true) ".repeat(60)} } }`,
    extensions: tooComplex("directives"),
  },
  {
    what: "made of circular fragments",
    query: "{ execution(id: 1) { ...a } } fragment a on Execution { parent { ...b } } fragment b on Execution { ...a }",
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  },
  {
    what: "a subscription to nothing",
    query: "subscription { activity @skip(if: true) { __typename } }",
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  },
  {
    what: "a subscription that its variables make one to nothing",
    query:
      "subscription ($is: Boolean!) { ...f } fragment f on Subscription { ... @include(if: $is) { activity { __typename } } }",
    variables: { is: false },
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  },
  { what: "a bomb of fragments", query: bomb(10), extensions: tooComplex("aliases") },
  {
    what: "a large answer",
    query: "{ executions(first: 100) { nodes { steps(first: 100) { nodes { id } } } } }",
    extensions: tooComplex("cost"),
  },
  {
    what: "a large answer by its variables",
    query: "query ($n: Int) { executions(first: $n) { nodes { steps(last: $n) { nodes { id } } } } }",
    variables: { n: 100 },
    extensions: tooComplex("cost"),
  },
  {
    what: "a large answer of edges in fragments",
    query:
      "{ workflows(first: 100) { ...w } } fragment w on WorkflowConnection { edges { node { executions(first: 100) { edges { node { id } } } } } }",
    extensions: tooComplex("cost"),
  },
  {
    what: "the schema, over and over",
    query: `{ ${repeated(25, (i) => `s${i}: __schema { types { name } }`)} }`,
    extensions: tooComplex("cost"),
  },
  {
    what: "the schema, into its depth",
    query: "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  },
  {
    what: "a variable of the wrong type and great size",
    query: "query ($n: Int) { executions(first: $n) { nodes { id } } }",
    variables: { n: "9".repeat(2 ** 20) },
    extensions: { code: "BAD_USER_INPUT" },
  },
  {
    what: "a deep variable where a number belongs",
    query: "query ($n: Int) { executions(first: $n) { nodes { id } } }",
    variables: { n: deep(1_000) },
    extensions: { code: "BAD_USER_INPUT" },
  },
];

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

const INNOCENT = "query Innocent { stepTypes { name } }";
const isAnswered = ({ stepTypes }: { stepTypes: unknown[] }) => assert.ok(stepTypes.length > 5);

describe("a hostile document is refused with a typed error, and holds nobody up", () => {
  for (const { what, query, variables, extensions } of hostile) {
    test(`${what}, over HTTP`, async () => {
      const [refused, answered] = await Promise.all([api.query(query, variables), api.query(INNOCENT)]);
      assert.deepEqual([refused.status, refused.data], [400, undefined]);
      for (const [name, value] of Object.entries(extensions)) assert.equal(refused.errors[0]?.extensions[name], value);
      assert.ok(refused.errors.length < 200 && JSON.stringify(refused.errors).length < 50_000);
      isAnswered(answered.data);
    });

    test(`${what}, over WebSocket`, async () => {
      const refused = collect(client, { query, ...(variables && { variables }) });
      const answered = collect<{ stepTypes: unknown[] }>(client, { query: INNOCENT });
      await assert.rejects(refused, (errors: { extensions: Record<string, unknown> }[]) => {
        for (const [name, value] of Object.entries(extensions)) assert.equal(errors[0]?.extensions[name], value);
        return true;
      });
      isAnswered((await answered)[0]!);
    });
  }
});

test("event streams have the same limits", async () => {
  for (const { query, variables, extensions } of hostile) {
    const response = await fetch(`${api.address}/graphql/stream`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        authorization: `Bearer ${api.secret}`,
      },
      body: JSON.stringify({ query, variables }),
    });
    assert.match(await response.text(), new RegExp(`"code":"${extensions.code}"`));
  }
});

describe("hostile requests", () => {
  const post = async (body: string) => {
    const response = await fetch(`${api.address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${api.secret}` },
      body,
    });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    return [response.status, errors[0]?.extensions.code, errors[0]?.message] as const;
  };

  test("a batch is refused as one", async () => {
    const batch = Array.from({ length: 1_000 }, () => ({ query: INNOCENT }));
    assert.deepEqual((await post(JSON.stringify(batch))).slice(0, 2), [400, "BAD_REQUEST"]);
    assert.deepEqual((await post("[]")).slice(0, 2), [400, "BAD_REQUEST"]);
  });

  test("a body that is too large, no JSON, or sets a prototype is refused before it is looked at", async () => {
    const large = JSON.stringify({ query: INNOCENT, variables: { x: "x".repeat(5 * 2 ** 20) } });
    assert.deepEqual((await post(large)).slice(0, 2), [413, "BAD_REQUEST"]);
    assert.deepEqual((await post("{")).slice(0, 2), [400, "BAD_REQUEST"]);
    const prototype = `{"query": ${JSON.stringify(INNOCENT)}, "variables": {"__proto__": {"admin": true}}}`;
    assert.deepEqual((await post(prototype)).slice(0, 2), [400, "BAD_REQUEST"]);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });

  const levels = 100_000;
  for (const [what, definition] of [
    ["deeper than the stack", `{"steps": ${"[".repeat(levels)}${"]".repeat(levels)}}`],
    ["that sets a prototype", '{"steps": [{"name": "a", "type": "log", "config": {"__proto__": {"admin": true}}}]}'],
  ] as const) {
    test(`a definition ${what} is refused on both transports`, async () => {
      const query = `mutation ($d: JSONObject!) { createWorkflow(input: { name: "bad", definition: $d }) {
        workflow { id } userErrors { code field } } }`;
      // As text: JSON.stringify would make neither.
      const payload = `{"query": ${JSON.stringify(query)}, "variables": {"d": ${definition}}}`;
      const socket = new WebSocket(`${api.address.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
        headers: { authorization: `Bearer ${api.secret}` },
      });
      await once(socket, "open");
      socket.send('{"type": "connection_init"}');
      await once(socket, "message");
      socket.send(`{"id": "1", "type": "subscribe", "payload": ${payload}}`);
      const [[message], answer] = await Promise.all([once(socket, "message") as Promise<[Buffer]>, post(payload)]);
      socket.close();
      assert.match(message.toString(), /"code":"(VALIDATION_FAILED|BAD_USER_INPUT)"/);
      assert.deepEqual([answer[0], answer[1]?.startsWith("BAD_")], [400, true]);
      assert.equal(({} as { admin?: boolean }).admin, undefined);
    });
  }

  test("names of a prototype are names like others", async () => {
    const { data, errors } = await api.query(
      'query ($constructor: String = "log") { __proto__: stepType(name: $constructor) { toString: name } }',
    );
    assert.deepEqual(errors, []);
    assert.equal(JSON.stringify(data), '{"__proto__":{"toString":"log"}}');
  });
});

test("what clients send is within the limits", async () => {
  const { data, errors, extensions } = await api.query(getIntrospectionQuery());
  assert.deepEqual(errors, []);
  assert.ok(data.__schema.types.length > 20);
  assert.ok(extensions.cost.requested <= documentLimits.cost);
});
