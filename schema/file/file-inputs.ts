import { Field, ID, InputType } from "type-graphql";
import type { ConversionTarget, conversionTargets, FileStatus } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { FileStatusEnum } from "./file.ts";

const ConversionTargetEnum = enumeration<ConversionTarget>("ConversionTarget", "What a file is converted to.", {
  json: "From csv.",
  csv: "From json or xlsx.",
  markdown: "From docx.",
  md: "The same as MARKDOWN.",
  text: "From docx.",
  txt: "The same as TEXT.",
  png: "From jpg or webp.",
  jpg: "From png or webp.",
  jpeg: "The same as JPG.",
  webp: "From png or jpg.",
} satisfies Record<keyof typeof conversionTargets, string>);

@InputType({ description: "Which files. What is absent does not restrict." })
export class FileFilter {
  @Field(() => [FileStatusEnum], {
    nullable: true,
    description: "With one of these. Default: every status but DELETED.",
  })
  status?: FileStatus[] | null;
}

@InputType({ description: "Which file to read." })
export class ProcessFileInput {
  @Field(() => ID, { description: "The file to read." })
  fileId!: string;
}

@InputType({ description: "Which file's text, and how to find it." })
export class ExtractFileTextInput {
  @Field(() => ID, { description: "The file to read." })
  fileId!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to recognise the text of an image or a scan (OCR) that was not processed: png, jpg and pdf. Default false.",
  })
  recognise!: boolean;

  @Field(() => String, { defaultValue: "en", description: "Language to recognise, ISO 639-1. Only `en` is installed." })
  language!: string;
}

@InputType({ description: "What to convert, and into what." })
export class ConvertFileInput {
  @Field(() => ID, { description: "The file to convert; it stays." })
  fileId!: string;

  @Field(() => ConversionTargetEnum, { description: "Into what." })
  target!: ConversionTarget;
}

@InputType({ description: "Which file to delete." })
export class DeleteFileInput {
  @Field(() => ID, { description: "The file to delete." })
  fileId!: string;
}
