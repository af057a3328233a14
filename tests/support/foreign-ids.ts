import assert from "node:assert/strict";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from "graphql";

/** A thing of another tenant, by what it is: `workflow`, `apiKey`. */
export type OwnedThings = Readonly<
  Record<string, { readonly type: string; readonly rest: string | number; readonly node: string }>
>;

interface JsonSchema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface ForeignCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Whether the document says that it answers 404. Otherwise it is a list, which is empty. */
  readonly answers404: boolean;
}

export interface ForeignOperation {
  readonly field: string;
  readonly where: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Makes calls with foreign ids, one for each place that takes an id. Fails for an id of nobody knows what. */
export class ForeignIds {
  constructor(
    private readonly things: OwnedThings,
    /** Names that end like an id and are the caller's own words: `correlation`. */
    private readonly words: readonly string[] = [],
  ) {}

  restCalls({ paths }: OpenApi): ForeignCall[] {
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const schema = operation.requestBody?.content["application/json"]?.schema;
        const filters = (operation.parameters ?? []).filter(({ in: at, name }) => at === "query" && this.kindOf(name));
        const inBody = Object.keys(schema?.properties ?? {}).filter((name) => this.kindOf(name) !== null);
        if (!path.includes("{") && filters.length === 0 && inBody.length === 0) return [];
        const query = filters.map(({ name }) => `${name}=${this.restId(name)}`).join("&");
        return {
          method: method.toUpperCase(),
          path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.restId(name)) + (query && `?${query}`),
          body: schema && (this.bodyFor(schema, "") ?? {}),
          answers404: "404" in operation.responses,
        };
      }),
    );
  }

  graphqlCalls(root: GraphQLObjectType, word: "query" | "mutation" | "subscription"): ForeignOperation[] {
    return Object.values(root.getFields()).flatMap((field) =>
      field.args.flatMap((argument) =>
        this.idsOf(field, argument).map(({ path, kind }) => {
          const id = this.things[kind]!.node;
          const sent = field.args.filter((arg) => arg === argument || isNonNullType(arg.type));
          const declared = sent.map((arg) => `$${arg.name}: ${arg.type}`).join(", ");
          const passed = sent.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
          const values = sent.map((arg) => [arg.name, valueFor(arg, arg === argument ? path : null, id)]);
          return {
            field: field.name,
            where: `${word} ${field.name}(${[argument.name, ...path].join(".")}: ${id})`,
            query: `${word} (${declared}) { ${field.name}(${passed}) ${selectionOf(field)} }`,
            variables: Object.fromEntries(values),
          };
        }),
      ),
    );
  }

  /** Fields below the root whose arguments take an id: nobody walks those. */
  nestedFieldsWithIds(schema: GraphQLSchema): string[] {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    return Object.values(schema.getTypeMap()).flatMap((type) =>
      !isObjectType(type) || roots.includes(type) || type.name.startsWith("__")
        ? []
        : Object.values(type.getFields())
            .filter(({ args }) => args.some((argument) => this.idsIn(argument.name, argument.type, null).length > 0))
            .map(({ name }) => `${type.name}.${name}`),
    );
  }

  /** `workflow_id` and `workflowId` are `workflow`; null: no id. */
  private kindOf(name: string): string | null {
    const stem = /^(.+?)(?:_id|_ids|Id|Ids)$/.exec(name)?.[1];
    if (stem === undefined) return null;
    const kind = stem.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (this.words.includes(kind)) return null;
    assert.ok(kind in this.things, `the tenants test does not know what ${name} is the id of`);
    return kind;
  }

  private restId(name: string): string {
    const kind = name in this.things ? name : this.kindOf(name);
    return String(this.things[kind ?? assert.fail(`the tenants test does not know what {${name}} is`)]!.rest);
  }

  /** The smallest body that a schema takes, with every id that it may hold. */
  private bodyFor(schema: JsonSchema, name: string): unknown {
    const kind = this.kindOf(name);
    if (kind !== null) return this.things[kind]!.rest;
    if (schema.anyOf) return this.bodyFor(schema.anyOf[0]!, name);
    if (schema.enum) return schema.enum[0];
    if (schema.type === "object") {
      const { properties = {}, required = [] } = schema;
      const wanted = Object.keys(properties).filter((key) => required.includes(key) || this.kindOf(key) !== null);
      return Object.fromEntries(wanted.map((key) => [key, this.bodyFor(properties[key]!, key)]));
    }
    const plain: Readonly<Record<string, unknown>> = { array: [], integer: 1, number: 1, boolean: true };
    return plain[schema.type ?? ""] ?? "mine now";
  }

  private idsOf(field: GraphQLField<unknown, unknown>, argument: GraphQLArgument) {
    if (field.name === "node") return Object.keys(this.things).map((kind) => ({ path: [], kind }));
    const returned = getNamedType(field.type);
    return this.idsIn(argument.name, argument.type, isObjectType(returned) ? returned : null);
  }

  /** Where an argument or an input has ids: paths below it, with the kind of each. `of`: what a bare `id` is the id of. */
  private idsIn(
    name: string,
    type: GraphQLInputType,
    of: GraphQLObjectType | null,
  ): { readonly path: readonly string[]; readonly kind: string }[] {
    const named = getNamedType(type);
    if (isInputObjectType(named)) {
      return Object.values(named.getFields()).flatMap((field) =>
        this.idsIn(field.name, field.type, null).map(({ path, kind }) => ({ path: [field.name, ...path], kind })),
      );
    }
    if (named.name !== "ID") return [];
    const kind =
      name === "id" ? Object.keys(this.things).find((key) => this.things[key]!.type === of?.name) : this.kindOf(name);
    return [
      { path: [], kind: kind ?? assert.fail(`the tenants test does not know what ${name} of ${of} is the id of`) },
    ];
  }
}

/** What the engine would refuse before it looks whose thing it is. */
const wellFormed: Readonly<Record<string, unknown>> = { cron: "@daily", cronSchedule: "@daily" };
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

/** A value that the schema takes: what is required, and what is on the path to the id that is tried. */
function valueFor(
  { name, type }: GraphQLArgument | GraphQLInputField,
  path: readonly string[] | null,
  id: string,
): unknown {
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isListType(bare)) return [valueFor({ name, type: bare.ofType } as GraphQLInputField, path, id)];
  if (path?.length === 0) return id;
  if (isInputObjectType(bare)) {
    const wanted = Object.values(bare.getFields()).filter(
      (field) => field.name === path?.[0] || (isNonNullType(field.type) && field.defaultValue === undefined),
    );
    return Object.fromEntries(
      wanted.map((field) => [field.name, valueFor(field, field.name === path?.[0] ? path.slice(1) : null, id)]),
    );
  }
  if (name in wellFormed) return wellFormed[name];
  if (isEnumType(bare)) return bare.getValues()[0]!.name;
  return byScalar[getNamedType(bare).name] ?? "mine now";
}

/** Enough of an answer to see whether there is something in it. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isScalarType(type) || isEnumType(type)) return "";
  if (type.name.endsWith("Connection")) return "{ totalCount nodes { __typename } }";
  if (type.name.endsWith("Payload")) return "{ userErrors { code } }";
  return "{ __typename }";
}
