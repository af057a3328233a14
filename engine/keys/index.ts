export { type Actor, type ApiKey, DEFAULT_TENANT, KeyService } from "./key-service.ts";
export { allScopes, type Scope, scopes } from "./scope.ts";
