import { defineEntity, p } from "@mikro-orm/core";

/** A command to an execution that was sent with an idempotency key. Kept as long as the execution. */
export const ExecutionCommandEntity = defineEntity({
  name: "ExecutionCommand",
  tableName: "execution_command",
  properties: {
    executionId: p.bigint("number").primary(),
    idempotencyKey: p.text().primary(),
    /** SHA-256 of the command, to tell a repeat from a conflict. */
    requestHash: p.text(),
    /** The signal that carries it: an event that it causes names it. */
    signalId: p.bigint("number"),
    /** Of the execution when it was sent: what it causes comes after. */
    lastSeq: p.integer(),
  },
});
