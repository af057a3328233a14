import { defineEntity, p } from "@mikro-orm/core";

/** Who was the last to hold the worker's lock; one row. Written under the lock, and read by who comes next. */
export const WorkerLeaseEntity = defineEntity({
  name: "WorkerLease",
  tableName: "worker_lease",
  properties: {
    id: p.integer().primary().autoincrement(false),
    /** Counts those who took the lock over. */
    epoch: p.integer(),
    /** Mark of the process; null when it gave the lock back in order. */
    holder: p.text().nullable(),
  },
});
