import { LiveHub } from "../../live/index.ts";
import { Connections } from "./connections.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { defaultLiveLimits, type LiveLimits } from "./limits.ts";

/** What WebSockets and event streams share. */
export interface LiveServices {
  readonly connections: Connections;
  readonly hub: LiveHub;
  readonly limits: LiveLimits;
}

export function createLiveServices<C extends OperationContext>({ keys, liveLimits }: GraphqlApi<C>): LiveServices {
  const limits = { ...defaultLiveLimits, ...liveLimits };
  return { connections: new Connections(keys, limits.connectionsPerKey), hub: new LiveHub(), limits };
}
