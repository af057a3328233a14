import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { acceptJson } from "../edge/index.ts";
import { stringifyStored } from "../engine/index.ts";
import { auditChanges } from "./audit.ts";
import { handleError, handleUnknownRoute } from "./errors.ts";
import { createGuard } from "./guard.ts";
import { Methods } from "./methods.ts";
import { type ApiText, documentOptions, documentPage } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

/** The OpenAPI document, once the server is ready. */
export type RestDocument = () => object;

/** Puts the resources of an API onto a port: one guard, one envelope of errors, one document and a page to read it at /docs. */
export async function serveResources<O extends RestOptions>(
  server: FastifyInstance,
  options: O,
  api: ApiText,
  resources: readonly ((server: RestServer, options: O) => void)[],
): Promise<RestDocument> {
  const methods = new Methods();
  const refuseUnknown = handleUnknownRoute(methods);
  server.setNotFoundHandler(refuseUnknown);
  // Before a body is read that nobody wants.
  server.addHook("onRequest", async (request, reply) => (request.is404 ? refuseUnknown(request, reply) : undefined));
  let document: RestDocument = () => ({});
  await server.register(async (scope) => {
    await scope.register(swagger, documentOptions(api));
    await scope.register(swaggerUi, documentPage(api));
    await scope.register(async (routes) => {
      routes.setValidatorCompiler(validatorCompiler);
      routes.setSerializerCompiler(options.strictResponses ? strictly : () => stringifyStored);
      routes.setErrorHandler(handleError);
      methods.watch(routes);
      routes.addHook("onRequest", createGuard(options));
      routes.addHook("onRoute", auditChanges(options));
      acceptJson(routes, { takesNone: true });
      const rest = routes.withTypeProvider<ZodTypeProvider>();
      for (const serve of resources) serve(rest, options);
    });
    document = () => scope.swagger();
  });
  return () => document();
}

/** Checks what a client would read. */
const strictly: typeof serializerCompiler = (route) => {
  const check = serializerCompiler(route);
  return (answer) => check(JSON.parse(stringifyStored(answer)));
};
