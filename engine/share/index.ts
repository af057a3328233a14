export { FairQueue } from "./fair-queue.ts";
export { BYTES_PER_SIZE, defaultMemoryBytes, type Holding, MemoryBudget, type Reservation } from "./memory-budget.ts";
export { Share, TIMES_FREE_OF_SHORT } from "./share.ts";
