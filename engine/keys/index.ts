export { type Actor, type ApiKey, KeyService } from "./key-service.ts";
export { allScopes, type Scope, scopes } from "./scope.ts";
