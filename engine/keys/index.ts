export { type Actor, type ApiKey, DEFAULT_TENANT, KeyService } from "./key-service.ts";
export { type OpenKeys, openKeys } from "./open-keys.ts";
export { allScopes, type Scope, scopes } from "./scope.ts";
