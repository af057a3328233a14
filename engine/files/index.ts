export { type ConversionTarget, conversionTargets } from "./conversions.ts";
export { createFileService, defaultFileLimits, type FileLimits } from "./create-file-service.ts";
export { createDiskFileStore } from "./disk-store.ts";
export type { FileText } from "./file-outcome.ts";
export {
  type FileListing,
  type FilePatch,
  type FileRecord,
  type FileRecords,
  type FileStatus,
  fileStatuses,
  type NewFile,
} from "./file-records.ts";
export type { FileRules } from "./file-rules.ts";
export type { FileService } from "./file-service.ts";
export type { ByteRange, FileStore, LocalContent, StagedContent } from "./file-store.ts";
export { defaultAcceptedExtensions } from "./file-type.ts";
export type { CellValue, Extraction, Recognition, TableRow } from "./processing/jobs.ts";
export { defaultProcessingLimits } from "./processing/processor.ts";
export { createS3FileStore } from "./s3-store.ts";
