import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "../model/index.ts";
import type { FileStore, StagedContent } from "./file-store.ts";
import { OWNER_ONLY_DIRECTORY, openStaging, type Received } from "./staging.ts";

const KEY = /^[0-9a-f]{64}$/;

/**
 * Content on a local or shared disk: `objects/<first two hex digits>/<sha256>`, staged in `staging/` beside it (one file
 * system, so that a rename is atomic). Content is synced before the rename and the folder after it: what commit() has
 * acknowledged survives a power cut. Removes what dead processes left in `staging/`.
 */
export async function createDiskFileStore(options: { readonly directory: string }): Promise<FileStore> {
  const objects = join(options.directory, "objects");
  const staging = await openStaging(join(options.directory, "staging"));
  await mkdir(objects, { recursive: true, mode: OWNER_ONLY_DIRECTORY });

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
    async stage(content, limits) {
      const received = await staging.receive(content, limits);
      return staged(received, pathOf(received.sha256));
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

function staged({ path, size, sha256 }: Received, target: string): StagedContent {
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
