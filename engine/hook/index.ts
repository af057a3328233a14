export { hookInput, hookPatch, hookRotation } from "./hook-input.ts";
export { type Hook, HookService } from "./hook-service.ts";
export { shownToken } from "./token.ts";
