import { defineEntity, p } from "@mikro-orm/core";

/**
 * One row a flush of the journal: which executions it has written, from which seq to which. What follows the journal
 * removes notes in the commit that acts on them: none is missed, whatever the order of commits.
 */
export const JournalNoteEntity = defineEntity({
  name: "JournalNote",
  tableName: "journal_note",
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    executionIds: p.array().columnType("bigint[]"),
    /** The last seq before the flush. */
    previousSeqs: p.array().columnType("int[]"),
    lastSeqs: p.array().columnType("int[]"),
  },
});
