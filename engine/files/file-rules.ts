import { DomainError } from "../model/index.ts";
import type { FileRecord } from "./file-records.ts";
import { type FileType, fileTypeOfExtension, fileTypeOfMimeType } from "./file-type.ts";

/** What a caller asks of a file. */
export interface FileRules {
  /** Extensions; `jpg` and `jpeg` are the same. Absent: any. */
  readonly allowedTypes?: readonly string[];
  /** In MiB (1,048,576 bytes). Absent: any. */
  readonly maxSizeMb?: number;
}

const BYTES_PER_MB = 1024 * 1024;

/** The type that the content was found to be when it was taken in. */
export function typeOf(file: FileRecord): FileType {
  const type = fileTypeOfMimeType(file.mimeType);
  if (type === undefined)
    throw new DomainError("FILE_TYPE_NOT_ALLOWED", `Files of type ${file.mimeType} are not known.`);
  return type;
}

export function checkRules(file: FileRecord, rules: FileRules): void {
  const { allowedTypes, maxSizeMb } = rules;
  const type = typeOf(file);
  if (allowedTypes !== undefined && !allowedTypes.some((allowed) => fileTypeOfExtension(allowed) === type)) {
    throw new DomainError(
      "FILE_TYPE_NOT_ALLOWED",
      `allowed_types is ${allowedTypes.join(", ")}; ${file.filename} is ${type}.`,
    );
  }
  if (maxSizeMb !== undefined && file.size > maxSizeMb * BYTES_PER_MB) {
    const sizeMb = (file.size / BYTES_PER_MB).toFixed(2);
    throw new DomainError("FILE_TOO_LARGE", `max_size_mb is ${maxSizeMb}; ${file.filename} has ${sizeMb} MB.`);
  }
}

/** Refuses work that a type does not lend itself to, naming what does. */
export function requireType(work: string, type: FileType, possible: readonly FileType[]): void {
  if (!possible.includes(type)) refuseType(work, type, possible);
}

export function refuseType(work: string, type: FileType, possible: readonly FileType[]): never {
  throw new DomainError("FILE_TYPE_NOT_ALLOWED", `${work} takes ${possible.join(", ")}; the file is ${type}.`);
}

/** Refuses an upload by its extension. */
export function requireAccepted(extension: string, accepted: readonly string[]): void {
  if (accepted.includes(extension) && fileTypeOfExtension(extension) !== undefined) return;
  const found = extension === "" ? "The file name has no extension" : `Files named .${extension} are not accepted`;
  throw new DomainError("FILE_TYPE_NOT_ALLOWED", `${found}; accepted: ${accepted.join(", ")}.`, { field: "file" });
}
