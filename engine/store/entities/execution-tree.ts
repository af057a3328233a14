import { defineEntity, p } from "@mikro-orm/core";

/**
 * How many executions a start from outside has led to, through children and events. Written in the commit that stores them,
 * each connection of the journal (lane) to a row of its own; readers sum over lanes. A start that led to none has no row.
 */
export const ExecutionTreeEntity = defineEntity({
  name: "ExecutionTree",
  tableName: "execution_tree",
  properties: {
    rootId: p.bigint("number").primary(),
    lane: p.integer().primary(),
    descendants: p.integer(),
  },
});
