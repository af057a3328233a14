import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from "graphql";
import {
  type Actor,
  knownMeasure,
  type RateLimitClass,
  type RateLimitDecision,
  type RateLimitVerdict,
} from "../../engine/index.ts";
import { type OperationCost, operationCost, weightOf } from "../../schema/index.ts";
import { createCostMemory } from "./cost-memory.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { documentLimits, MAX_VARIABLE_LEVELS } from "./limits.ts";
import { rateLimited, tooComplex, variablesTooDeep } from "./refusals.ts";

export interface Operation {
  /** Parsed and valid. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Admission {
  /** Why it must not run; null: it may. */
  readonly refusal: GraphQLError | null;
  /** For `extensions.cost`; null when it could not be told. */
  readonly cost: CostReport | null;
  /** The budget that is nearest to its end. */
  readonly tightest: RateLimitDecision | null;
}

interface CostReport {
  /** Objects that the answer may have at most. */
  readonly requested: number;
  /** What one operation may request. */
  readonly limit: number;
  readonly budgets: readonly {
    readonly class: RateLimitClass;
    /** Points that this operation took. */
    readonly spent: number;
    /** Points left, and points a minute. */
    readonly remaining: number;
    readonly limit: number;
    /** When the whole budget is there again. */
    readonly resetAt: string;
  }[];
}

/** Asked once for each operation before it runs, by every transport. */
export interface Gate {
  admit(actor: Actor, operation: Operation): Promise<Admission>;
  /** A document that was refused has been read as well: that takes a point. */
  chargeRefused(actor: Actor): Promise<RateLimitDecision>;
}

export function createGate<C extends OperationContext>({ schema, rateLimiter, limitClassOf }: GraphqlApi<C>): Gate {
  const remembered = createCostMemory(({ document, operation, variables }) =>
    operationCost({ schema, document, operation, variables, limitClassOf }),
  );

  return {
    async admit(actor, operation) {
      const excess = excessOf(operation.variables);
      if (excess !== null) return { refusal: excess, cost: null, tightest: await this.chargeRefused(actor) };
      let cost: OperationCost | null;
      try {
        cost = remembered(operation);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        return { refusal: error, cost: null, tightest: await this.chargeRefused(actor) };
      }
      if (cost === null || cost.objects > documentLimits.cost) {
        const refusal = tooComplex("cost", cost?.objects);
        return { refusal, cost: null, tightest: await this.chargeRefused(actor) };
      }
      const verdict = await rateLimiter.consume(String(actor.keyId), cost.points);
      const { allowed, tightest } = verdict;
      return { refusal: allowed ? null : rateLimited(tightest), cost: report(cost, verdict), tightest };
    },
    chargeRefused: async ({ keyId }) =>
      (await rateLimiter.consume(String(keyId), new Map([["monitoring", 1]]))).tightest,
  };
}

/** Of large variables it is known: they are not walked, and what is beyond the bounds was not even built. */
function excessOf(variables: object): GraphQLError | null {
  const known = knownMeasure(variables);
  if (known === undefined) return isDeeperThan(MAX_VARIABLE_LEVELS, variables) ? variablesTooDeep() : null;
  if (known.levels > MAX_VARIABLE_LEVELS) return variablesTooDeep();
  const weight = weightOf(known);
  return weight > documentLimits.cost ? tooComplex("cost", weight) : null;
}

/** Level by level: a value that is deeper than the stack must not be walked by recursion. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let containers = [value].filter(isContainer);
  for (let depth = 1; containers.length > 0; depth++) {
    if (depth > levels) return true;
    containers = containers.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function report({ objects, points }: OperationCost, { allowed, budgets }: RateLimitVerdict): CostReport {
  return {
    requested: objects,
    limit: documentLimits.cost,
    budgets: budgets.map(({ limitClass, remaining, limit, resetAt }) => ({
      class: limitClass,
      spent: allowed ? points.get(limitClass)! : 0,
      remaining,
      limit,
      resetAt: new Date(resetAt * 1000).toISOString(),
    })),
  };
}
