import "reflect-metadata";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isUnionType,
  OperationTypeNode,
  parse,
} from "graphql";
import { allScopes, type Scope } from "../engine/index.ts";
import { rootScope } from "../schema/authorization.ts";
import { createReadGuard, createSagaSchema, createSchema } from "../schema/index.ts";
import { fieldScope } from "../schema/read-scope.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

/** One way to each field of each type below a field of the root, as a selection: `workflow { executions { nodes { id } } }`. */
function* paths(
  root: GraphQLField<unknown, unknown>,
): Generator<{ readonly selection: string; readonly fields: readonly string[] }> {
  const seen = new Set<string>();
  const todo = [{ type: getNamedType(root.type), open: "", close: "", fields: [] as readonly string[] }];
  for (let at = todo.shift(); at; at = todo.shift()) {
    const { type } = at;
    const types = isUnionType(type) ? type.getTypes() : isObjectType(type) ? [type] : [];
    for (const one of types) {
      if (seen.has(one.name)) continue;
      seen.add(one.name);
      for (const field of Object.values(one.getFields())) {
        const fields = [...at.fields, `${one.name}.${field.name}`];
        const [open, close] = isUnionType(type)
          ? [`${at.open}... on ${one.name} { `, ` }${at.close}`]
          : [at.open, at.close];
        const named = getNamedType(field.type);
        if (isLeafType(named)) yield { selection: `${open}${field.name}${close}`, fields };
        else {
          yield { selection: `${open}${field.name} { __typename }${close}`, fields };
          if (isCompositeType(named))
            todo.push({ type: named, open: `${open}${field.name} { `, close: ` }${close}`, fields });
        }
      }
    }
  }
}

for (const [name, schema] of [
  ["the API", createSchema()],
  ["the orchestrator's API", createSagaSchema()],
] as const) {
  test(`${name}: every field is open to a key with the scopes of its path, and to no other`, () => {
    const findUnreadable = createReadGuard(schema);
    let walked = 0;
    for (const kind of Object.values(OperationTypeNode)) {
      for (const root of Object.values(schema.getRootType(kind)?.getFields() ?? {})) {
        for (const { selection, fields } of paths(root)) {
          const document = parse(`${kind} { ${root.name} { ${selection} } }`);
          const operation = document.definitions[0]!;
          assert.ok(operation.kind === "OperationDefinition");
          const needed = new Set<Scope>([rootScope(kind, root.name)]);
          for (const coordinate of fields) {
            const [type = "", field = ""] = coordinate.split(".");
            const scope = fieldScope(schema.getType(type)!, field);
            if (scope !== null) needed.add(scope);
          }
          for (let bits = 0; bits < 2 ** allScopes.length; bits++) {
            const scopes = allScopes.filter((_, i) => bits & (1 << i));
            if (!scopes.includes(rootScope(kind, root.name))) continue;
            const mayRead = [...needed].every((scope) => scopes.includes(scope));
            assert.equal(
              findUnreadable({ document, operation }, scopes) === null,
              mayRead,
              `${selection} with ${scopes}`,
            );
          }
          walked += 1;
        }
      }
    }
    assert.ok(walked > 100, `only ${walked} paths`);
  });

  test(`${name}: what a key may read without READ is what it has caused, and says nothing of the data`, () => {
    const open = Object.values(schema.getTypeMap())
      .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"))
      .filter((type) => ![schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type))
      .filter(({ name: type }) => !type.endsWith("Payload"))
      .flatMap((type) =>
        Object.keys(type.getFields())
          .filter((field) => fieldScope(type, field) === null)
          .map((field) => `${type.name}.${field}`),
      )
      .filter((coordinate) => !/^(PageInfo|UserError|ExecutionBatch|BatchRefusal)\./.test(coordinate));
    for (const coordinate of open) assert.match(coordinate, /\.(id|status)$/);
  });
}

describe("a key without READ", { timeout: 60_000 }, () => {
  let api: TestApi;
  let workflowId: number;
  before(async () => {
    api = await testApi();
    const steps = [{ name: "note", type: "log", config: { message: "secret of the run" } }];
    const created = await api.t.engine.workflows.create(TENANT, {
      name: "private",
      workflow_config: { steps },
    } as never);
    workflowId = created.id;
  });
  after(() => api.close());

  const started = async (): Promise<number> => {
    const { rows } = await api.t.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM execution");
    return rows[0]!.n;
  };
  const execute = (selection: string) =>
    `mutation { executeWorkflow(input: { workflowId: "wf_${workflowId}" }) { execution { ${selection} } userErrors { code } } }`;
  const history = "workflow { executions(first: 10) { nodes { triggerData result } } }";

  test("starts an execution, and is told which and where it stands", async () => {
    const answer = await api.query(execute("id status"), {}, await api.keyFor(TENANT, "execute"));
    assert.deepEqual(answer.errors, []);
    assert.match(answer.data.executeWorkflow.execution.id, /^ex_/);
  });

  test("reads nothing through what it started, by a fragment neither, and then starts nothing", async () => {
    const secret = await api.keyFor(TENANT, "execute");
    const before = await started();
    for (const query of [
      execute(history),
      execute(`... on Execution { ${history} }`),
      execute(`... on Node { ... on Execution { triggerData } }`),
      `${execute("...A")} fragment A on Execution { ...B } fragment B on Execution { steps(first: 1) { nodes { output } } }`,
    ]) {
      const answer = await api.query(query, {}, secret);
      assert.equal(answer.status, 403);
      assert.equal(answer.errors[0]?.extensions.code, "FORBIDDEN");
      assert.match(answer.errors[0]?.message ?? "", /lacks the scope READ, which Execution\.\w+ needs/);
      assert.equal(answer.data ?? null, null);
    }
    assert.equal(await started(), before);
    const audited = await api.query("{ auditEntries(last: 100) { nodes { action refused } } }");
    const refusals = audited.data.auditEntries.nodes.filter(
      (entry: { refused: string }) => entry.refused === "FORBIDDEN",
    );
    assert.equal(refusals.length, 4);
  });

  test("reads nothing through what it wrote", async () => {
    const query = `mutation { updateWorkflow(input: { workflowId: "wf_${workflowId}", description: "x" }) { workflow { id executions(first: 10) { nodes { triggerData } } } } }`;
    const answer = await api.query(query, {}, await api.keyFor(TENANT, "write"));
    assert.equal(answer.errors[0]?.extensions.code, "FORBIDDEN");
  });

  test("is refused over a WebSocket, too", async () => {
    const client = api.client({ authorization: `Bearer ${await api.keyFor(TENANT, "execute")}` });
    const before = await started();
    await assert.rejects(client.iterate({ query: execute(history) }).next(), (errors: unknown) => {
      const [error] = errors as { extensions: { code: string } }[];
      return error?.extensions.code === "FORBIDDEN";
    });
    assert.equal(await started(), before);
  });
});
