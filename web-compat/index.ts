import type { FastifyInstance } from "fastify";
import { serveExecutionExport } from "./execution-export.ts";
import { serveExecutions } from "./executions.ts";
import { serveFiles } from "./files.ts";
import { serveHealth } from "./health.ts";
import { serveHooks } from "./hooks.ts";
import { serveMetrics } from "./metrics.ts";
import { engineApiText } from "./openapi.ts";
import type { RestOptions } from "./rest-server.ts";
import { type RestDocument, serveResources } from "./serve-resources.ts";
import { serveService } from "./service.ts";
import { serveStatistics } from "./statistics.ts";
import { serveTemplates } from "./templates.ts";
import { serveWorkflows } from "./workflows.ts";

export type { RestOptions } from "./rest-server.ts";
export { serveSagaRest } from "./saga/index.ts";

const probes = [serveHealth, serveMetrics];
const resources = [
  serveService,
  serveTemplates,
  serveWorkflows,
  serveExecutions,
  serveExecutionExport,
  serveFiles,
  serveStatistics,
  serveHooks,
];

/** The documented REST API, its OpenAPI document at /openapi.json, and a page to read and try it at /docs. */
export async function serveRest(server: FastifyInstance, options: RestOptions): Promise<RestDocument> {
  return serveResources(server, options, engineApiText, options.probesOnly ? probes : [...probes, ...resources]);
}
