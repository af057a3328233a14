import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { File } from "./file.ts";
import { ConvertFileInput, DeleteFileInput, ExtractFileTextInput, ProcessFileInput } from "./file-inputs.ts";
import { ConvertFilePayload, DeleteFilePayload, ExtractFileTextPayload, ProcessFilePayload } from "./file-payloads.ts";
import { FileText } from "./file-text.ts";

const idOf = ({ fileId }: { fileId: string }): number => fromNodeId("File", fileId, "fileId");

/** Uploads are REST: a GraphQL document is no place for a stream of bytes. */
@Resolver()
export class FileMutations {
  @Mutation(() => ProcessFilePayload, {
    description:
      "Reads a file, recognises images and scans, and keeps text and counts with it. Answers when that is done. User errors: FILE_NOT_FOUND, FILE_PROCESSING_BUSY. A file that cannot be read, or not in its time, is no error: it is FAILED.",
  })
  processFile(
    @Arg("input", () => ProcessFileInput, { description: "Which file." }) input: ProcessFileInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => ({ file: new File(await engine.files.process(actor.tenantId, idOf(input))) }));
  }

  @Mutation(() => ExtractFileTextPayload, {
    description:
      "Finds the text of a file, and changes nothing: what processFile has kept; else it is read now, of pdf, docx, xlsx, csv, txt, json and markdown, and with `recognise` of png, jpg and scanned pdf. User errors: FILE_NOT_FOUND, FILE_TYPE_NOT_ALLOWED, FILE_PROCESSING_FAILED, FILE_PROCESSING_TIMEOUT, FILE_PROCESSING_BUSY, VALIDATION_FAILED for an unknown language.",
  })
  extractFileText(
    @Arg("input", () => ExtractFileTextInput, { description: "Which file, and how." }) input: ExtractFileTextInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { recognise, language } = input;
      const text = await engine.files.text(actor.tenantId, idOf(input), { recognise, language });
      return { text: new FileText(text) };
    });
  }

  @Mutation(() => ConvertFilePayload, {
    description:
      "Makes a new file of another type. User errors: FILE_NOT_FOUND, FILE_TYPE_NOT_ALLOWED, FILE_PROCESSING_FAILED, FILE_PROCESSING_TIMEOUT, FILE_PROCESSING_BUSY.",
  })
  convertFile(
    @Arg("input", () => ConvertFileInput, { description: "Which file, and into what." }) input: ConvertFileInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { target } = input;
      return { file: new File(await engine.files.convert(actor.tenantId, idOf(input), { target })) };
    });
  }

  @Mutation(() => DeleteFilePayload, {
    description: "Deletes a file and its content. User error: FILE_NOT_FOUND.",
  })
  deleteFile(
    @Arg("input", () => DeleteFileInput, { description: "Which file." }) input: DeleteFileInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = idOf(input);
      await engine.files.remove(actor.tenantId, id);
      return { deletedFileId: toNodeId("File", id) };
    });
  }
}
