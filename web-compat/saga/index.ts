import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { serveHealth } from "../health.ts";
import type { RestServer } from "../rest-server.ts";
import { type RestDocument, serveResources } from "../serve-resources.ts";
import { serveEvents } from "./events.ts";
import type { SagaRestOptions } from "./saga-options.ts";
import { serveSagaTypes } from "./saga-types.ts";
import { serveSagas } from "./sagas.ts";
import { serveSagaService } from "./service.ts";

export type { SagaRestOptions } from "./saga-options.ts";

const apiText = {
  title: "Stepwire saga orchestrator",
  about:
    "Distributed transactions: sagas of services and workflows, undone when they fail, and the events by which services tell each other.",
};

/** The documented REST API of the orchestrator, its OpenAPI document at /openapi.json, and a page at /docs. */
export async function serveSagaRest(server: FastifyInstance, options: SagaRestOptions): Promise<RestDocument> {
  const named = { ...options, serviceName: "saga-orchestrator" };
  return serveResources(server, named, apiText, [serveHealth, serveSagaService, serveResourcesTwice]);
}

/** Under `/api/v1`, and without it, as older clients ask; the document shows the first. */
function serveResourcesTwice(server: RestServer, options: SagaRestOptions): void {
  for (const prefix of ["/api/v1", ""]) {
    server.register(
      async (routes) => {
        if (prefix === "") {
          routes.addHook("onRoute", (route) => {
            route.schema = { ...route.schema, hide: true };
          });
        }
        const rest = routes.withTypeProvider<ZodTypeProvider>();
        for (const serve of [serveSagaTypes, serveSagas, serveEvents]) serve(rest, options);
      },
      { prefix },
    );
  }
}
