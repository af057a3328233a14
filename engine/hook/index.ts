export type { HookCall } from "./call.ts";
export { hookInput, hookPatch, hookRotation } from "./hook-input.ts";
export { type Hook, type HookCredentials, HookService } from "./hook-service.ts";
