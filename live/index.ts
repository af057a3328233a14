export { Batch, type Result } from "./batch.ts";
export { LiveHub, type Membership } from "./hub.ts";
export type { Sink } from "./sink.ts";
