import type { FileStatus } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const FileStatusEnum = enumeration<FileStatus>("FileStatus", "Where a file stands.", {
  uploaded: "Stored, not read.",
  processing: "It is being read.",
  processed: "Read: `extractedContent` holds its text, if it has any.",
  failed: "It could not be read; `metadata.error` says why.",
  deleted: "Gone, and its content with it.",
});
