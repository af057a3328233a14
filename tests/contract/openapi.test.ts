import { testApi } from "../support/api.ts";
import { sagaApi } from "../support/saga-api.ts";
import { Given } from "./given.ts";
import { givenSagas } from "./given-sagas.ts";
import { holdDocument } from "./hold-document.ts";

holdDocument("the REST API", async () => {
  const api = await testApi();
  const given = new Given(api);
  return {
    address: api.address,
    secret: api.secret,
    keyFor: api.keyFor,
    idFor: (parameter) => given.idFor(parameter),
    bodyFor: (operationId) => given.bodyFor(operationId),
    close: () => api.close(),
  };
});

holdDocument("the saga API", async () => givenSagas(await sagaApi()));
