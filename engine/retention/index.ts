export { Remover } from "./remover.ts";
export { holdInput, RetentionService } from "./retention-service.ts";
export { KEEP_FOR_EVER, type Retention, Sweeper } from "./sweeper.ts";
