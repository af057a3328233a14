import type { Readable } from "node:stream";

/** Content that was taken in, hashed and measured, but is not stored yet. Disposing drops it, unless it was committed. */
export interface StagedContent extends AsyncDisposable {
  /** A local copy, for reading only. Gone after disposal. */
  readonly path: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Stores it durably under `key`. The same content may be stored already: that is no error, and costs no second copy. */
  commit(): Promise<void>;
}

/** A local file that holds stored content. Read-only; disposing gives it back. */
interface LocalContent extends AsyncDisposable {
  readonly path: string;
}

/** Both ends in bytes, counted from 0 and inclusive, as in an HTTP Range header. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/**
 * Where the bytes of files live. Content-addressed: one key per distinct content, and the key is all that the record
 * of a file keeps. A store knows nothing of tenants, names or types, and counts no references: FileRecords does.
 *
 * Taking in is split in two (`stage`, then `commit`), since content is inspected before it is accepted, and since its key
 * must be known before the lock is taken under which it is stored (see FileRecords.insert).
 */
export interface FileStore {
  /**
   * Reads `content` to its end, never holding it in memory. A stream that fails, is aborted or exceeds `maxBytes`
   * (DomainError FILE_TOO_LARGE) leaves nothing behind.
   */
  stage(
    content: Readable,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<StagedContent>;
  /** DomainError FILE_NOT_FOUND when there is no such content. */
  open(key: string, range?: ByteRange): Promise<Readable>;
  /** The content as a local file, for workers that need a path. DomainError FILE_NOT_FOUND when there is none. */
  local(key: string): Promise<LocalContent>;
  has(key: string): Promise<boolean>;
  /** To delete what is not there is no error. */
  delete(key: string): Promise<void>;
}
