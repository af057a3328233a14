export { FairQueue } from "./fair-queue.ts";
export { BYTES_PER_SIZE, defaultMemoryBytes, type Holding, MemoryBudget } from "./memory-budget.ts";
export { Share, timesFreeOfShort } from "./share.ts";
