import assert from "node:assert/strict";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import S3rver from "s3rver";
import { fileStoreContract } from "./file-store.contract.ts";
import { createS3FileStore } from "./s3-store.ts";

const BUCKET = "documents";
const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

/** A real S3 server, which keeps its objects in a folder. */
async function openServer() {
  const directory = await mkdtempDisposable(join(tmpdir(), "s3-store-"));
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: join(directory.path, "server"),
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  const { port } = (await server.run()) as unknown as AddressInfo;
  return {
    directory: directory.path,
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await server.close();
      await directory.remove();
    },
  };
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

fileStoreContract("S3", async () => {
  const { directory, endpoint, close } = await openServer();
  const scratch = join(directory, "scratch");
  const options = { bucket: BUCKET, prefix: "stepwire/", region: "us-east-1", endpoint, scratch, credentials };
  return {
    store: await createS3FileStore(options),
    // Each object is a file and two with what is known of it.
    count: async () =>
      (await filesIn(join(directory, "server"))).filter((name) => name.endsWith("_object")).length +
      (await filesIn(scratch)).length,
    [Symbol.asyncDispose]: close,
  };
});

test("a bucket that does not exist is found out when the store is opened", async (t) => {
  const { directory, endpoint, close } = await openServer();
  t.after(close);
  const options = { bucket: "another", region: "us-east-1", endpoint, scratch: directory, credentials };
  await assert.rejects(createS3FileStore(options), { name: "NotFound" });
});
