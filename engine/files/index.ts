export { type ConversionTarget, conversionTargets } from "./conversions.ts";
export { createFileService } from "./create-file-service.ts";
export { createDiskFileStore } from "./disk-store.ts";
export type { FileText } from "./file-outcome.ts";
export {
  type FileListing,
  type FileRecord,
  type FileStatus,
  fileStatuses,
  fileTexts,
} from "./file-records.ts";
export type { FileService } from "./file-service.ts";
export type { FileStore } from "./file-store.ts";
export { FileWorker } from "./file-worker.ts";
export { defaultFileLimits, type FileLimits } from "./intake.ts";
export { createPostgresFileRecords } from "./postgres-records.ts";
export { defaultProcessingLimits } from "./processing/processor.ts";
export { createS3FileStore } from "./s3-store.ts";
