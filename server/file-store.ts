import { join } from "node:path";
import { createDiskFileStore, createS3FileStore, type FileStore } from "../engine/index.ts";
import { type Config, codeOf, StartupError } from "./config/index.ts";

/** @throws StartupError that says what to do when files could not be kept there. */
export function openFileStore({
  fileStore: store,
  dataDir,
}: Pick<Config, "fileStore" | "dataDir">): Promise<FileStore> {
  return store.kind === "disk" ? openFolder(store.directory) : openBucket(store, join(dataDir, "staging"));
}

async function openFolder(directory: string): Promise<FileStore> {
  try {
    return await createDiskFileStore({ directory });
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new StartupError(`FILE_STORE ${directory} cannot be written (${code}): choose another folder`, error);
  }
}

async function openBucket(store: Config["fileStore"] & { kind: "s3" }, scratch: string): Promise<FileStore> {
  try {
    return await createS3FileStore({ ...store, scratch });
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}${error.message === "" ? "" : `: ${error.message}`}` : error;
    throw new StartupError(
      `FILE_STORE: bucket ${store.bucket} cannot be reached (${reason}): check FILE_STORE, S3_ENDPOINT, S3_REGION and the AWS credentials`,
      error,
    );
  }
}
