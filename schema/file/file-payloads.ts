import { Field, ID, ObjectType } from "type-graphql";
import { MutationPayload } from "../errors/user-error.ts";
import { File } from "./file.ts";
import { FileText } from "./file-text.ts";

@ObjectType({ implements: MutationPayload, description: "What processFile did.", simpleResolvers: true })
export class ProcessFilePayload {
  @Field(() => File, { nullable: true, description: "The file: PROCESSED, or FAILED with the reason in `metadata`." })
  readonly file?: File;
}

@ObjectType({ implements: MutationPayload, description: "What extractFileText found.", simpleResolvers: true })
export class ExtractFileTextPayload {
  @Field(() => FileText, { nullable: true, description: "The text." })
  readonly text?: FileText;
}

@ObjectType({ implements: MutationPayload, description: "What convertFile did.", simpleResolvers: true })
export class ConvertFilePayload {
  @Field(() => File, { nullable: true, description: "The new file; its `source` is the old one." })
  readonly file?: File;
}

@ObjectType({ implements: MutationPayload, description: "What deleteFile did.", simpleResolvers: true })
export class DeleteFilePayload {
  @Field(() => ID, { nullable: true, description: "Id of the file that is gone: drop it from caches." })
  readonly deletedFileId?: string;
}
