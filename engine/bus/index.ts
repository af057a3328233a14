export { type Bus, channels, type Subscription } from "./bus.ts";
export { CountedBus, type LiveSubscriptions } from "./counted-bus.ts";
export { createBus } from "./create-bus.ts";
