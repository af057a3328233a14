import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { auditChanges } from "./audit.ts";
import { acceptJson } from "./body.ts";
import { handleError, handleUnknownRoute } from "./errors.ts";
import { serveExecutions } from "./executions.ts";
import { serveFiles } from "./files.ts";
import { createGuard } from "./guard.ts";
import { serveHealth } from "./health.ts";
import { serveHooks } from "./hooks.ts";
import { Methods } from "./methods.ts";
import { serveMetrics } from "./metrics.ts";
import { documentOptions, documentPage } from "./openapi.ts";
import type { RestOptions } from "./rest-server.ts";
import { serveService } from "./service.ts";
import { serveStatistics } from "./statistics.ts";
import { serveTemplates } from "./templates.ts";
import { serveWorkflows } from "./workflows.ts";

export type { RestOptions } from "./rest-server.ts";

/** The OpenAPI document, once the server is ready. */
type RestDocument = () => object;

const probes = [serveHealth, serveMetrics];
const resources = [
  serveService,
  serveTemplates,
  serveWorkflows,
  serveExecutions,
  serveFiles,
  serveStatistics,
  serveHooks,
];

/** The documented REST API, its OpenAPI document at /openapi.json, and a page to read and try it at /docs. */
export async function serveRest(server: FastifyInstance, options: RestOptions): Promise<RestDocument> {
  const methods = new Methods();
  server.setNotFoundHandler(handleUnknownRoute(methods));
  let document: RestDocument = () => ({});
  await server.register(async (scope) => {
    await scope.register(swagger, documentOptions());
    await scope.register(swaggerUi, documentPage);
    await scope.register(async (routes) => {
      routes.setValidatorCompiler(validatorCompiler);
      routes.setSerializerCompiler(options.strictResponses ? serializerCompiler : () => JSON.stringify);
      routes.setErrorHandler(handleError);
      methods.watch(routes);
      routes.addHook("onRequest", createGuard(options));
      routes.addHook("onRoute", auditChanges(options));
      acceptJson(routes);
      const rest = routes.withTypeProvider<ZodTypeProvider>();
      for (const serve of options.probesOnly ? probes : [...probes, ...resources]) serve(rest, options);
    });
    document = () => scope.swagger();
  });
  return () => document();
}
