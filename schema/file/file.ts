import { Ctx, Field, ObjectType } from "type-graphql";
import { type FileListing, type FileStatus, fileTexts } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { enumeration } from "../enumeration.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, JsonObject, SafeInt } from "../scalars.ts";
import { Told } from "../told.ts";

export const FileStatusEnum = enumeration<FileStatus>("FileStatus", "Where a file stands.", {
  uploaded: "Stored, not read.",
  processing: "It is being read.",
  processed: "Read: `extractedContent` holds its text, if it has any.",
  failed: "It could not be read; `metadata.error` says why.",
  deleted: "Gone, and its content with it.",
});

@ObjectType({
  implements: Node,
  description: "A file of the tenant. Uploaded by `POST /api/v1/files/upload`, or made by a conversion.",
  simpleResolvers: true,
})
@Told(fileTexts)
export class File implements Node {
  constructor(private readonly record: FileListing) {}

  get id(): string {
    return toNodeId("File", this.record.id);
  }

  @Field(() => SafeInt, { description: "The file's id in the REST API: the `file_id` of a file_process step." })
  get databaseId(): number {
    return this.record.id;
  }

  @Field(() => String)
  get filename(): string {
    return this.record.filename;
  }

  @Field(() => String)
  get originalFilename(): string {
    return this.record.originalFilename;
  }

  @Field(() => String)
  get mimeType(): string {
    return this.record.mimeType;
  }

  @Field(() => String, { description: "Of the name: lower case, without the dot." })
  get extension(): string {
    return this.record.extension;
  }

  @Field(() => SafeInt)
  get sizeBytes(): number {
    return this.record.size;
  }

  @Field(() => String, { description: "SHA-256 of the content, in hexadecimal." })
  get sha256(): string {
    return this.record.sha256;
  }

  @Field(() => FileStatusEnum)
  get status(): FileStatus {
    return this.record.status;
  }

  @Field(() => String, {
    nullable: true,
    description:
      "The text that processFile found, at most 5 MiB; null before, or when it has none. Read when selected.",
  })
  extractedContent(@Ctx() { loaders }: Context): Promise<string | null> {
    return loaders.fileText.load(this.record.id);
  }

  @Field(() => JsonObject, {
    description: "Counts that processFile found (`word_count`, `page_count`, …), or `error` when it failed.",
  })
  get metadata() {
    return this.record.metadata;
  }

  @Field(() => File, {
    nullable: true,
    description: "The file that this one was converted from, unless it was deleted.",
  })
  async source(@Ctx() { loaders }: Context): Promise<File | null> {
    const { source_file_id: id } = this.record.metadata;
    const record = typeof id === "number" ? await loaders.file.load(id) : null;
    return record && new File(record);
  }

  @Field(() => String, {
    nullable: true,
    description:
      "Where its content is, relative to the service's address: `GET` it with the same key. Ranges are understood. Null for a DELETED file.",
  })
  get downloadUrl(): string | null {
    return this.record.status === "deleted" ? null : `/api/v1/files/${this.record.id}/download`;
  }

  @Field(() => DateTime, { description: "When it was stored." })
  get createdAt(): Date {
    return this.record.createdAt;
  }

  @Field(() => DateTime, { description: "When its record was last changed." })
  get updatedAt(): Date {
    return this.record.updatedAt;
  }

  @Field(() => DateTime, { nullable: true })
  get processedAt(): Date | null {
    return this.record.processedAt;
  }
}

export const FileConnection = connectionType("File", () => File, "newest first");
