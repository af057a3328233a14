import type { Sagas } from "../../saga/index.ts";
import type { RestOptions } from "../rest-server.ts";

/** What the REST face of the orchestrator is made over. */
export interface SagaRestOptions extends RestOptions {
  readonly sagas: Sagas;
}
