import { defineEntity, type InferEntity, p } from "@mikro-orm/core";

/** Something that happened to a file, stored with it; removed in the commit that tells of it as a domain event. */
export const FileNoteEntity = defineEntity({
  name: "FileNote",
  tableName: "file_note",
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    fileId: p.integer(),
    type: p.text().$type<"file.uploaded" | "file.processed" | "file.content_extracted">(),
    at: p.datetime().columnType("timestamptz(3)"),
  },
});

export type FileNote = InferEntity<typeof FileNoteEntity>;
