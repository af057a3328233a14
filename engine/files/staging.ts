import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DomainError } from "../model/index.ts";

/** A staged file this old belongs to a process that died: no upload and no conversion takes as long. */
const ABANDONED_AFTER_MS = 6 * 60 * 60 * 1000;

/** Documents of tenants are no business of other users of the machine. */
export const OWNER_ONLY_FILE = 0o600;
export const OWNER_ONLY_DIRECTORY = 0o700;

/** Content in a local file of its own, which is synced. */
export interface Received {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

interface Staging {
  readonly directory: string;
  /** Reads `content` to its end. One that fails, is aborted or too large leaves nothing behind. */
  receive(content: Readable, limits: { readonly maxBytes: number; readonly signal?: AbortSignal }): Promise<Received>;
}

/** A folder for content on its way in or out. Removes what dead processes left there. */
export async function openStaging(directory: string): Promise<Staging> {
  await mkdir(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  await removeAbandoned(directory);
  return {
    directory,
    async receive(content, { maxBytes, signal }) {
      const path = join(directory, randomUUID());
      try {
        return { path, ...(await receive(content, path, maxBytes, signal)) };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
  };
}

async function receive(content: Readable, path: string, maxBytes: number, signal: AbortSignal | undefined) {
  const hash = createHash("sha256");
  let size = 0;
  async function* measure(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes) throw new DomainError("FILE_TOO_LARGE", `The file is larger than ${maxBytes} bytes.`);
      hash.update(chunk);
      yield chunk;
    }
  }
  const file = createWriteStream(path, { flags: "wx", flush: true, mode: OWNER_ONLY_FILE });
  try {
    await pipeline(content, measure, file, signal === undefined ? {} : { signal });
  } finally {
    // One that was refused at once may still be about to make its file, which would then outlive its removal.
    if (!file.closed) await once(file, "close");
  }
  return { size, sha256: hash.digest("hex") };
}

async function removeAbandoned(staging: string): Promise<void> {
  const before = Date.now() - ABANDONED_AFTER_MS;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}
