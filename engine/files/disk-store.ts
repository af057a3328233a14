import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { access, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DomainError } from "../errors.ts";
import type { FileStore, StagedContent } from "./file-store.ts";

/** A staged file this old belongs to a process that died: no upload and no conversion takes as long. */
const ABANDONED_AFTER_MS = 6 * 60 * 60 * 1000;

/** Documents of tenants are no business of other users of the machine. */
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

const KEY = /^[0-9a-f]{64}$/;

/**
 * Content on a local or shared disk: `objects/<first two hex digits>/<sha256>`, staged in `staging/` beside it (one file
 * system, so that a rename is atomic). Content is synced before the rename and the folder after it: what commit() has
 * acknowledged survives a power cut. Removes what dead processes left in `staging/`.
 */
export async function createDiskFileStore(options: { readonly directory: string }): Promise<FileStore> {
  const staging = join(options.directory, "staging");
  const objects = join(options.directory, "objects");
  await mkdir(staging, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  await mkdir(objects, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  await removeAbandoned(staging);

  const pathOf = (key: string): string => {
    if (!KEY.test(key)) throw notFound(key);
    return join(objects, key.slice(0, 2), key);
  };

  const pathOfExisting = async (key: string): Promise<string> => {
    const path = pathOf(key);
    if (!(await exists(path))) throw notFound(key);
    return path;
  };

  return {
    async stage(content, { maxBytes, signal }) {
      const path = join(staging, randomUUID());
      try {
        const { size, sha256 } = await receive(content, path, maxBytes, signal);
        return staged(path, size, sha256, pathOf(sha256));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },

    async open(key, range) {
      const path = pathOf(key);
      const handle = await open(path).catch((error: unknown) => {
        throw isMissing(error) ? notFound(key) : error;
      });
      return handle.createReadStream(range === undefined ? {} : { ...range });
    },

    async local(key) {
      return { path: await pathOfExisting(key), async [Symbol.asyncDispose]() {} };
    },

    has: async (key) => KEY.test(key) && (await exists(pathOf(key))),

    async delete(key) {
      if (KEY.test(key)) await rm(pathOf(key), { force: true });
    },
  };
}

async function receive(content: Readable, path: string, maxBytes: number, signal: AbortSignal | undefined) {
  const hash = createHash("sha256");
  let size = 0;
  await pipeline(
    content,
    async function* measure(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > maxBytes) throw new DomainError("FILE_TOO_LARGE", `The file is larger than ${maxBytes} bytes.`);
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: "wx", flush: true, mode: OWNER_ONLY_FILE }),
    signal === undefined ? {} : { signal },
  );
  return { size, sha256: hash.digest("hex") };
}

function staged(path: string, size: number, sha256: string, target: string): StagedContent {
  return {
    path,
    key: sha256,
    size,
    sha256,
    async commit() {
      if (await exists(target)) return;
      await mkdir(dirname(target), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      await rename(path, target);
      await syncDirectory(dirname(target));
      await syncDirectory(dirname(dirname(target)));
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true });
    },
  };
}

/** A rename is durable only once its folder is synced. */
async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open folders; NTFS journals the rename itself.
  if (process.platform === "win32") return;
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeAbandoned(staging: string): Promise<void> {
  const before = Date.now() - ABANDONED_AFTER_MS;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function notFound(key: string): DomainError {
  return new DomainError("FILE_NOT_FOUND", `There is no stored content ${key}.`);
}
