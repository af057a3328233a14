import { defineEntity, p } from "@mikro-orm/core";

/** One row: which life of a worker this is, and whether it has ended as it should. */
export const WorkerLifeEntity = defineEntity({
  name: "WorkerLife",
  tableName: "worker_life",
  properties: {
    id: p.integer().primary().autoincrement(false),
    life: p.integer(),
    /** False while it lasts, and after an end that nobody asked for. */
    isOver: p.boolean(),
  },
});

/** An execution that was in hand at an end of a process that nobody asked for. */
export const SuspectEntity = defineEntity({
  name: "Suspect",
  tableName: "suspect",
  properties: {
    executionId: p.bigint("number").primary().autoincrement(false),
    /** Of its last event that is progress. */
    seq: p.integer(),
    /** Grown since: it was in hand again. */
    epoch: p.integer(),
    /** In a row, without progress. */
    ends: p.integer(),
    /** Whether it was in hand at the last one, and had been before. */
    accused: p.boolean(),
    /** It is, or was at the last end, in hand alone or in a small group. */
    onTrial: p.boolean(),
  },
});
