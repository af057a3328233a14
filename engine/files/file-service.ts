import type { Readable } from "node:stream";
import type { Page, TenantId, Window } from "../model/index.ts";
import type { ConversionTarget } from "./conversions.ts";
import type { FileText } from "./file-outcome.ts";
import type { FileListing, FileRecord, FileStatus, FileTask } from "./file-records.ts";
import type { FileRules } from "./file-rules.ts";
import type { ByteRange } from "./file-store.ts";
import type { Extraction, Recognition } from "./processing/jobs.ts";

export interface TextOptions {
  /** Images and scans as well. */
  readonly recognise: boolean;
  /** `en` */
  readonly language: string;
}

/**
 * Files of tenants: what the engine's steps and both faces call. Every operation on a file that does not exist, is
 * deleted, or belongs to another tenant is a DomainError FILE_NOT_FOUND.
 */
export interface FileService {
  /**
   * Takes a file in, and starts the workflows that ask for uploads like it: soon after, and surely, once the file is
   * stored. FILE_TOO_LARGE, FILE_QUOTA_EXCEEDED, FILE_TYPE_NOT_ALLOWED (extension not accepted, content of another type, empty), or
   * VALIDATION_FAILED (no usable name); then the stream is destroyed and, as after an aborted one, nothing is kept.
   */
  upload(
    content: Readable,
    file: { readonly tenantId: TenantId; readonly filename: string; readonly signal?: AbortSignal },
  ): Promise<FileRecord>;
  get(tenantId: TenantId, id: number): Promise<FileRecord>;
  /** Newest first. Without `status`: all but the deleted. */
  list(
    tenantId: TenantId,
    query: { readonly status?: FileStatus; readonly limit: number; readonly offset: number },
  ): Promise<readonly FileRecord[]>;
  /** A page by cursor, newest first; the cursors are ids. `statuses` null: all but the deleted. */
  window(tenantId: TenantId, statuses: readonly FileStatus[] | null, window: Window): Promise<Page<FileListing>>;
  count(tenantId: TenantId, statuses: readonly FileStatus[] | null): Promise<number>;
  /** Those of the ids that the tenant has. */
  byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, FileListing>>;
  /** What process() has kept of each. */
  textsOf(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, string | null>>;
  /** FILE_TYPE_NOT_ALLOWED or FILE_TOO_LARGE when the file breaks a rule. */
  validate(tenantId: TenantId, id: number, rules: FileRules): Promise<FileRecord>;
  /**
   * What process() has kept; else it is found now, and nothing is kept: who may only read may ask. Default: as process()
   * finds it. FILE_TYPE_NOT_ALLOWED when there is no text in files of its type, FILE_PROCESSING_FAILED,
   * FILE_PROCESSING_TIMEOUT, VALIDATION_FAILED for an unknown language.
   */
  text(tenantId: TenantId, id: number, options?: TextOptions): Promise<FileText>;
  /** Of pdf (its text layer), docx, xlsx, csv, txt, json and markdown. FILE_PROCESSING_FAILED, FILE_PROCESSING_TIMEOUT. */
  extract(tenantId: TenantId, id: number, signal?: AbortSignal): Promise<Extraction & { readonly mimeType: string }>;
  /** Of png, jpg and pdf; a PDF with a text layer is read, not recognised. `language`: `en`. */
  ocr(
    tenantId: TenantId,
    id: number,
    options: { readonly language: string; readonly signal?: AbortSignal },
  ): Promise<Recognition & { readonly mimeType: string; readonly language: string }>;
  /**
   * Stores a new file beside the old one. With an idempotency key a repeated call returns the file that the first one
   * made, unless that was removed since.
   */
  convert(
    tenantId: TenantId,
    id: number,
    options: {
      readonly target: ConversionTarget;
      readonly idempotencyKey?: string;
      /** Whose step asks for it. */
      readonly executionId?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<FileRecord>;
  /**
   * Extracts, or recognises images and scans, and keeps text and counts in the record: status `processing`, then
   * `processed`, or `failed` with `metadata.error`. Asking again does it again.
   */
  process(tenantId: TenantId, id: number, signal?: AbortSignal): Promise<FileRecord>;
  /** Has it processed, or its workflows started again, or both in this order; soon after, and surely. */
  request(tenantId: TenantId, id: number, task: FileTask): Promise<FileRecord>;
  openContent(
    tenantId: TenantId,
    id: number,
    range?: ByteRange,
  ): Promise<{ readonly file: FileRecord; readonly content: Readable }>;
  /** The record stays, as deleted; its content goes with the last record that shares it. */
  remove(tenantId: TenantId, id: number): Promise<FileRecord>;
  /** Ends the child processes; running work fails. */
  close(): Promise<void>;
}
