import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from "graphql";
import type { Actor, RateLimitClass, RateLimitDecision } from "../../engine/index.ts";
import { type OperationCost, operationCost } from "../../schema/index.ts";
import { createCostMemory } from "./cost-memory.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { documentLimits, maxVariableLevels } from "./limits.ts";
import { isDeeperThan } from "./nesting.ts";
import { rateLimited, tooComplex, variablesTooDeep } from "./refusals.ts";

export interface Operation {
  /** Parsed and valid. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What an operation took from a budget, and how that stands. */
interface Charge extends RateLimitDecision {
  readonly limitClass: RateLimitClass;
  readonly points: number;
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

  async function charge(actor: Actor, points: OperationCost["points"]): Promise<Charge[]> {
    const charges: Charge[] = [];
    for (const [limitClass, own] of points) {
      const decision = await rateLimiter.consume(String(actor.keyId), limitClass, own);
      charges.push({ limitClass, points: own, ...decision });
      if (!decision.allowed) break;
    }
    return charges;
  }

  return {
    async admit(actor, operation) {
      if (isDeeperThan(maxVariableLevels, operation.variables)) {
        return { refusal: variablesTooDeep(), cost: null, tightest: await this.chargeRefused(actor) };
      }
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
      const charges = await charge(actor, cost.points);
      const refused = charges.find(({ allowed }) => !allowed);
      const tightest = charges.reduce((least, one) => (share(one) < share(least) ? one : least));
      return {
        refusal: refused ? rateLimited(refused.limitClass, refused) : null,
        cost: report(cost, charges),
        tightest: refused ?? tightest,
      };
    },
    chargeRefused: ({ keyId }) => rateLimiter.consume(String(keyId), "monitoring"),
  };
}

function share({ remaining, limit }: RateLimitDecision): number {
  return remaining / limit;
}

function report({ objects }: OperationCost, charges: readonly Charge[]): CostReport {
  return {
    requested: objects,
    limit: documentLimits.cost,
    budgets: charges.map(({ limitClass, points, allowed, remaining, limit, resetAt }) => ({
      class: limitClass,
      spent: allowed ? points : 0,
      remaining,
      limit,
      resetAt: new Date(resetAt * 1000).toISOString(),
    })),
  };
}
