import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from "graphql";
import { createSchema } from "../schema/index.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

/**
 * Walks every route and every field that takes an id, with the ids of another tenant. The walk is made from the OpenAPI
 * document and the GraphQL schema: a route or field that is added is walked too, and one whose ids are not known here
 * fails.
 */
let api: TestApi;
let stranger: string;
/** Integers, by what they are the id of. */
let owned: Readonly<Record<string, number>>;

/** Names of ids, in REST's spelling and GraphQL's, and the prefix of the node's id. */
const kinds: Readonly<Record<string, { readonly type: string; readonly prefix: string }>> = {
  workflow: { type: "Workflow", prefix: "wf" },
  execution: { type: "Execution", prefix: "ex" },
  step: { type: "Step", prefix: "st" },
  template: { type: "Template", prefix: "tpl" },
  file: { type: "File", prefix: "file" },
  schedule: { type: "Schedule", prefix: "sch" },
  hook: { type: "Hook", prefix: "hook" },
  webhookDelivery: { type: "WebhookDelivery", prefix: "whd" },
  apiKey: { type: "ApiKey", prefix: "key" },
  auditEntry: { type: "AuditEntry", prefix: "aud" },
};

before(async () => {
  api = await testApi({ rateLimits: false });
  const { engine, pool } = api.t;
  stranger = await api.keyFor("stranger", "read", "write", "execute", "admin");
  const bad = { name: "bad", type: "http_request", config: { url: "http://127.0.0.1:1/" }, retry: { max_attempts: 1 } };
  const workflow_config = { steps: [bad], webhooks: [{ url: "http://127.0.0.1:1/" }] };
  const made = await api.query(
    `mutation ($definition: JSONObject!) {
      createWorkflow(input: { name: "mine", definition: $definition }) { workflow { databaseId } } }`,
    { definition: workflow_config },
  );
  const workflow = made.data.createWorkflow.workflow.databaseId as number;
  const { id: execution } = await engine.executions.start({ tenantId: TENANT, workflowId: workflow, triggerData: {} });
  const { steps } = await api.t.finished(execution);
  const template = await engine.templates.create(TENANT, {
    name: "mine",
    category: "mine",
    template_config: { steps: [] },
    is_public: false,
  });
  const file = await engine.files.upload(Readable.from("hello"), { tenantId: TENANT, filename: "mine.txt" });
  const schedule = await engine.schedules.create(TENANT, { workflow_id: workflow, name: "mine", cron: "@yearly" });
  const { hook } = await engine.hooks.create(TENANT, { workflow_id: workflow, name: "mine" });
  const { key } = await engine.keys.create({ tenantId: TENANT, name: "mine", scopes: ["read"], expiresAt: null });
  const idOf = async (table: string): Promise<number> =>
    (await pool.query(`SELECT min(id)::int AS id FROM ${table} WHERE tenant_id = $1`, [TENANT])).rows[0].id;
  owned = {
    workflow,
    execution,
    step: steps[0]!.id,
    template: template.id,
    file: file.id,
    schedule: schedule.id,
    hook: hook.id,
    webhookDelivery: await idOf("webhook_delivery"),
    apiKey: key.id,
    auditEntry: await idOf("audit_entry"),
  };
});
after(() => api.close());

/** `workflow_id` and `workflowId` are `workflow`; null: no id. Fails for an id of nobody knows what. */
function kindOf(name: string): string | null {
  const words = /^(.+?)(?:_id|_ids|Id|Ids)$/.exec(name)?.[1];
  if (words === undefined) return null;
  const kind = words.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  assert.ok(kind in kinds, `tests/tenants.test.ts does not know what ${name} is the id of`);
  return kind;
}

/** Rows of the tenant, in every table that has some. */
async function snapshot(): Promise<Record<string, string>> {
  const tables = await api.t.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE column_name = 'tenant_id' AND table_schema = 'public' AND table_name NOT IN ('audit_entry', 'webhook_delivery')`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables.rows) {
    const { rows } = await api.t.pool.query(
      `SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS hash FROM ${name} t WHERE tenant_id = $1`,
      [TENANT],
    );
    found[name] = rows[0].hash;
  }
  return found;
}

async function auditedAs(correlationId: string | null): Promise<string[]> {
  const { rows } = await api.t.pool.query(
    "SELECT refused FROM audit_entry WHERE correlation_id = $1 AND tenant_id = 'stranger'",
    [correlationId],
  );
  return rows.map(({ refused }) => refused);
}

interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

describe("REST", () => {
  /** The smallest body that a schema takes, with foreign ids. */
  function sample(schema: Schema, name = ""): unknown {
    const kind = kindOf(name);
    if (kind !== null) return owned[kind];
    if (schema.anyOf) return sample(schema.anyOf[0]!, name);
    if (schema.enum) return schema.enum[0];
    switch (schema.type) {
      case "object": {
        const wanted = Object.keys(schema.properties ?? {}).filter(
          (key) => schema.required?.includes(key) || kindOf(key) !== null,
        );
        return Object.fromEntries(wanted.map((key) => [key, sample(schema.properties![key]!, key)]));
      }
      case "array":
        return [];
      case "integer":
      case "number":
        return 1;
      case "boolean":
        return true;
      default:
        return "mine now";
    }
  }
  const bodyOf = ({ requestBody }: Operation): Schema | undefined => requestBody?.content["application/json"]?.schema;
  const takesId = (operation: Operation): boolean =>
    (operation.parameters ?? []).some(({ in: place, name }) => place === "path" || kindOf(name) !== null) ||
    Object.keys(bodyOf(operation)?.properties ?? {}).some((name) => kindOf(name) !== null);

  test("every route that takes an id answers 404 to another tenant's, and changes nothing", async () => {
    const document = (await api.rest("GET", "/openapi.json")).body as {
      paths: Record<string, Record<string, Operation>>;
    };
    const before = await snapshot();
    const walked: string[] = [];
    const reads: { where: string; byOwner: () => Promise<Response> }[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!takesId(operation)) continue;
        const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
          // Not an id of ours: whoever knows the token is meant to call it. Its hook is walked in GraphQL.
          if (name === "token") return "whk_of-nobody";
          return String(owned[kindOf(name) ?? assert.fail(`${name} of ${path} is no id that is known here`)]);
        });
        const filters = (operation.parameters ?? []).filter(({ in: at, name }) => at === "query" && kindOf(name));
        const query = filters.map(({ name }) => `?${name}=${owned[kindOf(name)!]}`).join("");
        const schema = bodyOf(operation);
        const body = schema && (sample(schema) ?? {});
        const call = (key: string) =>
          fetch(`${api.address}${url}${query}`, {
            method: method.toUpperCase(),
            headers: { authorization: `Bearer ${key}`, ...(schema && { "content-type": "application/json" }) },
            ...(schema && { body: JSON.stringify(body) }),
          });
        const answer = await call(stranger);
        const where = `${method.toUpperCase()} ${url}${query} ${JSON.stringify(body)}`;
        const text = await answer.text();
        if (filters.length > 0) assert.deepEqual([answer.status, text], [200, "[]"], where);
        else {
          assert.equal(answer.status, 404, `${where}: ${text}`);
          assert.match(JSON.parse(text).error_code, /_NOT_FOUND$/, where);
        }
        if (method === "get") reads.push({ where, byOwner: () => call(api.secret) });
        else if (path !== "/hooks/{token}") {
          const entries = await auditedAs(answer.headers.get("x-correlation-id"));
          assert.match(entries.join(), /_NOT_FOUND$/, `${where} is in the audit log`);
        }
        walked.push(operation.operationId);
      }
    }
    assert.ok(walked.length >= 20, walked.join());
    assert.deepEqual(await snapshot(), before);
    for (const { where, byOwner } of reads) {
      const answer = await byOwner();
      await answer.arrayBuffer();
      assert.notEqual(answer.status, 404, `${where} is there for its owner`);
    }
  });
});

describe("GraphQL", () => {
  const schema = createSchema();
  const operations = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!];
  const nodeId = (kind: string): string => `${kinds[kind]!.prefix}_${owned[kind]}`;

  /** Where an argument or an input has ids: paths below it, with the kind of each. */
  function idsIn(
    name: string,
    type: GraphQLInputType,
    of: GraphQLObjectType | null,
  ): { path: string[]; kind: string }[] {
    const named = getNamedType(type);
    if (isScalarType(named)) {
      if (named.name !== "ID") return [];
      if (name !== "id")
        return [{ path: [], kind: kindOf(name) ?? assert.fail(`${name} is an ID of nobody knows what`) }];
      const kind = Object.keys(kinds).find((key) => kinds[key]!.type === of?.name);
      return [{ path: [], kind: kind ?? assert.fail(`tests/tenants.test.ts does not know the ids of ${of?.name}`) }];
    }
    if (!isInputObjectType(named)) return [];
    return Object.values(named.getFields()).flatMap((field) =>
      idsIn(field.name, field.type, null).map(({ path, kind }) => ({ path: [field.name, ...path], kind })),
    );
  }

  const special: Readonly<Record<string, unknown>> = { cron: "@daily", cronSchedule: "@daily" };

  /** A value that the schema takes: what is required, and what is on the path to the id that is tried. */
  function sample(
    { name, type }: GraphQLArgument | GraphQLInputField,
    path: readonly string[] | null,
    id: string,
  ): unknown {
    const bare = isNonNullType(type) ? type.ofType : type;
    if (isListType(bare)) return [sample({ name, type: bare.ofType } as GraphQLInputField, path, id)];
    if (path?.length === 0) return id;
    if (isInputObjectType(bare)) {
      const wanted = Object.values(bare.getFields()).filter(
        (field) => field.name === path?.[0] || (isNonNullType(field.type) && field.defaultValue === undefined),
      );
      return Object.fromEntries(
        wanted.map((field) => [field.name, sample(field, field.name === path?.[0] ? path.slice(1) : null, id)]),
      );
    }
    if (name in special) return special[name];
    if (isEnumType(bare)) return bare.getValues()[0]!.name;
    const byScalar: Readonly<Record<string, unknown>> = {
      ID: "1",
      Int: 1,
      SafeInt: 1,
      Float: 1,
      Boolean: true,
      JSONObject: {},
      JSON: {},
      DateTime: "2025-01-08T10:00:00Z",
    };
    return byScalar[getNamedType(bare).name] ?? "mine now";
  }

  /** Enough of an answer to see whether there is something in it. */
  function selectionOf(field: GraphQLField<unknown, unknown>): string {
    const type = getNamedType(field.type);
    if (isScalarType(type) || isEnumType(type)) return "";
    if (!isObjectType(type)) return "{ __typename }";
    if (type.name.endsWith("Connection")) return "{ totalCount nodes { __typename } }";
    if (type.name.endsWith("Payload")) return "{ userErrors { code } }";
    return "{ __typename }";
  }

  interface Try {
    readonly where: string;
    readonly query: string;
    readonly variables: Readonly<Record<string, unknown>>;
  }

  /** One operation for each id that a root field takes. */
  function tries(root: GraphQLObjectType): (Try & { readonly name: string })[] {
    const word = root === operations[0] ? "query" : root === operations[1] ? "mutation" : "subscription";
    return Object.values(root.getFields()).flatMap((field) => {
      const returned = getNamedType(field.type);
      return field.args.flatMap((argument) => {
        const ids =
          field.name === "node"
            ? Object.keys(kinds).map((kind) => ({ path: [], kind }))
            : idsIn(argument.name, argument.type, isObjectType(returned) ? returned : null);
        return ids.map(({ path, kind }) => {
          const sent = field.args.filter((arg) => arg === argument || isNonNullType(arg.type));
          const declared = sent.map((arg) => `$${arg.name}: ${arg.type}`).join(", ");
          const passed = sent.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
          return {
            name: field.name,
            where: `${word} ${field.name}(${[argument.name, ...path].join(".")}: ${nodeId(kind)})`,
            query: `${word} (${declared}) { ${field.name}(${passed}) ${selectionOf(field)} }`,
            variables: Object.fromEntries(
              sent.map((arg) => [arg.name, sample(arg, arg === argument ? path : null, nodeId(kind))]),
            ),
          };
        });
      });
    });
  }

  test("no field below the root takes an id: those that do would have to be walked too", () => {
    const found = Object.values(schema.getTypeMap()).flatMap((type) =>
      !isObjectType(type) || operations.includes(type) || type.name.startsWith("__")
        ? []
        : Object.values(type.getFields()).flatMap((field) =>
            field.args.filter((argument) => idsIn(argument.name, argument.type, null).length > 0).map(() => field.name),
          ),
    );
    assert.deepEqual(found, []);
  });

  test("every query for another tenant's id finds nothing", async () => {
    const all = tries(operations[0]!);
    assert.ok(all.length >= 15);
    const isEmpty = (value: unknown) =>
      value === null ||
      (value as { totalCount?: number }).totalCount === 0 ||
      (Array.isArray(value) && value.length === 0);
    for (const { name, where, query, variables } of all) {
      const { data, errors } = await api.query(query, variables, stranger);
      const refused = errors[0]?.extensions.code;
      if (refused !== undefined) assert.match(String(refused), /_NOT_FOUND$/, `${where}: ${errors[0]?.message}`);
      else assert.ok(isEmpty(data[name]), `${where}: ${JSON.stringify(data)}`);
      const own = await api.query(query, variables);
      assert.deepEqual(own.errors, [], where);
      assert.ok(!isEmpty(own.data[name]), `${where} is there for its owner`);
    }
  });

  test("every mutation of another tenant's id is refused as not found, changes nothing, and is on record", async () => {
    const all = tries(operations[1]!);
    assert.ok(all.length >= 25);
    const before = await snapshot();
    for (const { name, where, query, variables } of all) {
      const { data, errors, headers } = await api.query(query, variables, stranger);
      assert.deepEqual(errors, [], where);
      const codes = data[name].userErrors.map(({ code }: { code: string }) => code);
      assert.match(codes.join(), /^\w+_NOT_FOUND$/, `${where} ${JSON.stringify(variables)}`);
      if (isReadOnly(name)) continue;
      assert.deepEqual(await auditedAs(headers.get("x-correlation-id")), codes, `${where} is in the audit log`);
    }
    assert.deepEqual(await snapshot(), before);
  });

  function isReadOnly(mutation: string): boolean {
    return operations[1]!.getFields()[mutation]!.description!.endsWith("Scope: READ.");
  }

  test("every subscription to another tenant's id is refused as not found", async () => {
    const client = api.client({ authorization: `Bearer ${stranger}` });
    const all = tries(operations[2]!);
    assert.ok(all.length >= 1);
    for (const { where, query, variables } of all) {
      const refused = await collect(client, { query, variables }).then(
        () => assert.fail(`${where} was not refused`),
        (errors: { extensions: { code: string } }[]) => errors[0]!.extensions.code,
      );
      assert.match(refused, /_NOT_FOUND$/, where);
    }
  });
});
