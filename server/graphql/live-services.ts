import { Connections } from "./connections.ts";
import { Documents } from "./documents.ts";
import type { GraphqlApi, OperationContext } from "./graphql-api.ts";
import { defaultLiveLimits, type LiveLimits } from "./limits.ts";
import { LiveHub } from "./live/hub.ts";
import { createErrorPresenter, type ErrorPresenter } from "./present-errors.ts";

/** What WebSockets and event streams share. */
export interface LiveServices {
  readonly documents: Documents;
  readonly connections: Connections;
  readonly hub: LiveHub;
  readonly limits: LiveLimits;
  readonly present: ErrorPresenter;
}

export function createLiveServices<C extends OperationContext>(api: GraphqlApi<C>): LiveServices {
  const limits = { ...defaultLiveLimits, ...api.limits };
  return {
    documents: new Documents(api.schema, api.validationRules),
    connections: new Connections(api.keys, limits.connectionsPerKey),
    hub: new LiveHub(),
    limits,
    present: createErrorPresenter(api.logger),
  };
}
