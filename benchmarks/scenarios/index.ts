import type { Scenario } from "../harness/scenario.ts";
import { deliveryInProcess, deliveryRedis } from "./delivery.ts";
import { effects } from "./effects.ts";
import { engine } from "./engine.ts";
import { fanOutBroadcast, fanOutGraphqlWs, fanOutStepwire } from "./fan-out.ts";
import { graphql } from "./graphql.ts";
import { graphqlPeers } from "./graphql-peers.ts";
import { neighbour } from "./neighbour.ts";
import { peers } from "./peers.ts";
import { postgresLimits } from "./postgres-limits.ts";
import { rest } from "./rest.ts";
import { restList } from "./rest-list.ts";
import { retention } from "./retention.ts";
import { saga } from "./saga.ts";
import { startup } from "./startup.ts";

/** In the order in which a round runs them. */
export const scenarios: readonly Scenario[] = [
  postgresLimits,
  engine,
  effects,
  peers,
  fanOutStepwire,
  fanOutGraphqlWs,
  fanOutBroadcast,
  deliveryInProcess,
  deliveryRedis,
  graphql,
  graphqlPeers,
  rest,
  restList,
  saga,
  neighbour,
  retention,
  startup,
];
