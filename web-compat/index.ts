import type { FastifyInstance } from "fastify";
import { serveExecutions } from "./executions.ts";
import { serveHooks } from "./hooks.ts";
import { engineApiText } from "./openapi.ts";
import type { RestOptions } from "./rest-server.ts";
import { type RestDocument, serveResources } from "./serve-resources.ts";
import { serveService } from "./service.ts";
import { serveStatistics } from "./statistics.ts";
import { serveTemplates } from "./templates.ts";
import { serveWorkflows } from "./workflows.ts";

export type { RestOptions } from "./rest-server.ts";
export { type SagaRestOptions, serveSagaRest } from "./saga/index.ts";

const resources = [serveService, serveTemplates, serveWorkflows, serveExecutions, serveStatistics, serveHooks];

/** The documented REST API, its OpenAPI document at /openapi.json, and a page to read and try it at /docs. */
export async function serveRest(server: FastifyInstance, options: RestOptions): Promise<RestDocument> {
  return serveResources(server, options, engineApiText, resources);
}
