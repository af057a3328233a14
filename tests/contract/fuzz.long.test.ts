import { testApi } from "../support/api.ts";
import { sagaApi } from "../support/saga-api.ts";
import { fuzzRoutes } from "./fuzz-routes.ts";
import { Given } from "./given.ts";
import { givenSagas } from "./given-sagas.ts";

fuzzRoutes("the REST API", async () => {
  const api = await testApi({ rateLimits: false });
  const given = new Given(api);
  return {
    address: api.address,
    secret: api.secret,
    log: api.log,
    idFor: (parameter) => given.idFor(parameter),
    bodyFor: (operationId) => given.bodyFor(operationId),
    close: () => api.close(),
  };
});

fuzzRoutes("the saga API", async () => givenSagas(await sagaApi()));
