import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from "graphql";
// Its ESM build brings another copy of graphql-js along, which takes our schema for somebody else's.
import { type ComplexityEstimatorArgs, getComplexity } from "graphql-query-complexity/cjs";
import type { Points, RateLimitClass } from "../engine/index.ts";
import { argumentWeight } from "./argument-weight.ts";
import { bulkPoints } from "./bulk-cost.ts";
import { pageSizeOf } from "./relay/page-args.ts";

/** Objects that a list without a page size is taken to have: a step's attempts are four by default. */
const LIST_SIZE = 5;
/** The whole schema is some thousand objects: as dear as five pages of a hundred. */
const SCHEMA_COST = 500;
const TYPE_COST = 50;
/** Objects that one point of a budget pays for: what one page of a list has at most. */
const OBJECTS_PER_POINT = 100;
/** A document that is wider than this once its fragments are spread is not walked to its end. */
const MAX_SELECTIONS = 10_000;

/** Root fields that compute, or answer, more than can be seen: the schema of definitions has 340 KB. */
const dearFields: Readonly<Record<string, number>> = { simulate: 200, definitionSchema: SCHEMA_COST };

/** What a client or a step has put into them may be large. */
const jsonScalars: ReadonlySet<string> = new Set(["JSON", "JSONObject"]);
const introspection: Readonly<Record<string, number>> = { __schema: SCHEMA_COST, __type: TYPE_COST, __typename: 0 };

export interface OperationCost {
  /** Objects that the answer may have at most; a field of free JSON counts as one. */
  readonly objects: number;
  /** Points by budget: for each root field one for every 100 objects, and at least one, or what it does at once (`bulk-cost.ts`). */
  readonly points: Points;
}

interface CostQuestion {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The budget that a root field is charged to. */
  readonly limitClassOf: (operation: OperationTypeNode, field: string) => RateLimitClass;
}

/**
 * What an operation of a valid document can cost, before it is run.
 * @returns null when it has more selections than it is worth to count
 * @throws GraphQLError when the variables do not fit
 */
export function operationCost({
  schema,
  document,
  operation,
  variables,
  limitClassOf,
}: CostQuestion): OperationCost | null {
  const root = schema.getRootType(operation.operation);
  const fields = new Map<string, { readonly name: string; readonly objects: number; readonly points: number }>();
  const estimator = (field: ComplexityEstimatorArgs): number => {
    const { node } = field;
    let objects = objectsOf(field);
    if (field.type === root) {
      objects += (dearFields[field.field.name] ?? 0) + argumentWeight(field.args);
      // Fields of the same name are one, with the selections of all of them.
      const key = (node.alias ?? node.name).value;
      const points = bulkPoints(field.field.name, field.args);
      fields.set(key, { name: node.name.value, objects: objects + (fields.get(key)?.objects ?? 0), points });
    }
    return objects;
  };
  const objects = complexity();
  return objects === null ? null : { objects, points: pointsOf([...fields.values()]) };

  function complexity(): number | null {
    try {
      return getComplexity({
        schema,
        query: document,
        variables,
        estimators: [estimator],
        maxQueryNodes: MAX_SELECTIONS,
        ...(operation.name && { operationName: operation.name.value }),
      });
    } catch (error) {
      // Errors of variables and arguments name their place; the one about the number of selections has none.
      if (error instanceof GraphQLError && error.nodes === undefined) return null;
      throw error;
    }
  }

  function pointsOf(
    charged: readonly { readonly name: string; readonly objects: number; readonly points: number }[],
  ): Map<RateLimitClass, number> {
    const points = new Map<RateLimitClass, number>();
    for (const { name, objects, points: least } of charged) {
      if (name === "__typename") continue;
      const limitClass = limitClassOf(operation.operation, name);
      const own = Math.max(least, Math.ceil(objects / OBJECTS_PER_POINT));
      points.set(limitClass, (points.get(limitClass) ?? 0) + own);
    }
    // Nothing is for free: an operation that asks for `__typename` alone has been read and checked as well.
    return points.size > 0 ? points : new Map([["monitoring", 1]]);
  }
}

/** A page counts its size times what each of its nodes has; a plain field nothing. */
function objectsOf({ type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
  const meta = introspection[field.name];
  if (meta !== undefined) return meta;
  const { name } = getNamedType(field.type);
  if (type.name.startsWith("__") || name === "PageInfo") return 0;
  // A count reads as much as its page, or more.
  if (isLeafType(getNamedType(field.type))) return field.name === "totalCount" || jsonScalars.has(name) ? 1 : 0;
  if (isPage(field)) return 1 + pageSizeOf(args) * childComplexity;
  if (type.name.endsWith("Connection")) return field.name === "edges" ? childComplexity : 1 + childComplexity;
  return isListType(getNullableType(field.type)) ? LIST_SIZE * (1 + childComplexity) : 1 + childComplexity;
}

function isPage({ args }: ComplexityEstimatorArgs["field"]): boolean {
  return args.some(({ name }) => name === "first");
}
