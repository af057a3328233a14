import { defineEntity, p } from "@mikro-orm/core";
import type { JsonValue, StepStatus } from "../../model/index.ts";

/** One unit of work of an execution: a step, an item of for_each, an inline action, or a compensation. */
export const ExecutionStepEntity = defineEntity({
  name: "ExecutionStep",
  tableName: "execution_step",
  indexes: [
    {
      name: "execution_step_execution",
      expression: 'create index "execution_step_execution" on "execution_step" ("execution_id", "id")',
    },
    // sendEvent finds who waits.
    {
      name: "execution_step_wait",
      expression:
        'create index "execution_step_wait" on "execution_step" ("wait_key", "id") where ((status = \'waiting\'::text) and (wait_key is not null))',
    },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(false),
    executionId: p.bigint("number"),
    /** Position in the record, from 1, in the order in which work began. */
    stepOrder: p.integer(),
    /** `charge`, `fan[3]` (item), `check[true]` (inline action), `charge[undo]` (compensation). */
    name: p.text(),
    type: p.text(),
    role: p.text().$type<"action" | "compensation">(),
    parentId: p.bigint("number").strictNullable(),
    /** The step that a compensation undoes. */
    compensatesId: p.bigint("number").strictNullable(),
    /** Position of its step in the definition, from 0. */
    definitionIndex: p.smallint(),
    itemIndex: p.integer().strictNullable(),
    /** Which inline action: a letter a level, `t` or `f`. Empty for the step itself. */
    branchPath: p.text(),
    status: p.text().$type<StepStatus>(),
    /** Attempts begun. */
    attempt: p.integer(),
    /** The resolved config of the last attempt, secrets masked. */
    input: p.json<JsonValue>().columnType("json").strictNullable(),
    /** `***` when it is secret. */
    output: p.json<JsonValue>().columnType("json").strictNullable(),
    /** The output, encrypted, when it is secret. */
    sealed: p.text().strictNullable(),
    error: p.json<JsonValue>().columnType("json").strictNullable(),
    /** When a waiting step is due. */
    wakeAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    /** What a waiting step waits for. */
    wait: p.json<JsonValue>().columnType("json").strictNullable(),
    /** `tenant:event` of a step that waits for an event. */
    waitKey: p.text().strictNullable(),
    startedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    completedAt: p.datetime().columnType("timestamptz(3)").strictNullable(),
    /** Seq of the event that settled it: the order of completion, which undoing reverses. */
    settledSeq: p.integer().strictNullable(),
  },
});
