import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { fileTypeFromFile } from "file-type";
import { type FileType, fileTypeOfExtension } from "../file-type.ts";
import { isArchive } from "./archive.ts";
import { ProcessingProblem } from "./problem.ts";

/** Types without a signature: they are told apart by their extension alone. */
const textTypes: ReadonlySet<FileType | undefined> = new Set(["csv", "txt", "json", "markdown"] as const);
const archiveTypes: ReadonlySet<FileType> = new Set(["docx", "xlsx"] as const);

/** Readers of PDF look for the signature this far into a file. */
const PDF_SIGNATURE_WITHIN_BYTES = 1024;

/** The type that name and content agree on. Where they do not, or the content is of two types, the problem names both. */
export async function detectType(path: string, extension: string): Promise<FileType> {
  if ((await stat(path)).size === 0) throw new ProcessingProblem("type", "the file is empty");
  const named = fileTypeOfExtension(extension);
  const found = await typeOfContent(path, named);
  if (found.type === undefined || found.type !== named) {
    const name = named === undefined ? "has no known extension" : `says ${extension}`;
    throw new ProcessingProblem("type", `the name ${name}, the content is ${found.label}`);
  }
  const second = await secondType(path, found.type);
  if (second !== undefined) {
    throw new ProcessingProblem("type", `the content is ${found.label} and ${second} at once`);
  }
  return found.type;
}

async function typeOfContent(
  path: string,
  named: FileType | undefined,
): Promise<{ type: FileType | undefined; label: string }> {
  const signature = (await fileTypeFromFile(path))?.ext;
  // Text may begin with any letters, such as the BM of a bitmap. A PDF may be all ASCII, yet is one.
  if (textTypes.has(named) && signature !== "pdf" && (await isText(path))) return { type: named, label: String(named) };
  if (signature === "cfb") {
    return (await isWordDocument(path))
      ? { type: "doc", label: "doc" }
      : { type: undefined, label: "an OLE container" };
  }
  if (signature !== undefined) {
    const type = fileTypeOfExtension(signature);
    return { type: textTypes.has(type) ? undefined : type, label: signature };
  }
  return { type: undefined, label: (await isText(path)) ? "plain text" : "of no known type" };
}

/** UTF-8 without NUL. */
async function isText(path: string): Promise<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(path)) {
      if ((chunk as Buffer).includes(0)) return false;
      decoder.decode(chunk as Buffer, { stream: true });
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Excel, Outlook and installers share the container of old Word documents: only those have a stream of this name. */
async function isWordDocument(path: string): Promise<boolean> {
  const name = Buffer.from("WordDocument", "utf16le");
  let end: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const read = Buffer.concat([end, chunk as Buffer]);
    if (read.includes(name)) return true;
    end = read.subarray(1 - name.length);
  }
  return false;
}

async function secondType(path: string, first: FileType): Promise<string | undefined> {
  if (textTypes.has(first)) return undefined;
  if (first !== "pdf" && (await head(path)).includes("%PDF-")) return "pdf";
  if (!archiveTypes.has(first) && (await isArchive(path))) return "zip";
  return undefined;
}

async function head(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PDF_SIGNATURE_WITHIN_BYTES), 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
