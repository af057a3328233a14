export { type Actor, type ApiKey, graceInput, KeyService, keyInput } from "./key-service.ts";
export { allScopes, type Scope, scopes } from "./scope.ts";
