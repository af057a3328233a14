import assert from "node:assert/strict";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { S3ServiceException } from "@aws-sdk/client-s3";
import { fileStoreContract } from "../../tests/support/contracts/file-store.ts";
import { startS3Server } from "../../tests/support/files/s3-server.ts";
import { createS3FileStore } from "./s3-store.ts";

const BUCKET = "documents";
const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "a secret" };

async function openServer() {
  const server = await startS3Server(BUCKET, credentials);
  const scratch = await mkdtempDisposable(join(tmpdir(), "s3-store-"));
  return {
    server,
    options: { bucket: BUCKET, region: "us-east-1", endpoint: server.endpoint, scratch: scratch.path, credentials },
    close: async () => {
      server.close();
      await scratch.remove();
    },
  };
}

fileStoreContract("S3", async () => {
  const { server, options, close } = await openServer();
  return {
    store: await createS3FileStore({ ...options, prefix: "stepwire/" }),
    count: async () => server.objects.size + (await readdir(options.scratch)).length,
    [Symbol.asyncDispose]: close,
  };
});

test("objects are kept under the prefix, as they are", async (t) => {
  const { server, options, close } = await openServer();
  t.after(close);
  const store = await createS3FileStore({ ...options, prefix: "stepwire/" });
  await using staged = await store.stage(Readable.from([Buffer.from("hello")]), { maxBytes: 5 });
  await staged.commit();
  assert.deepEqual([...server.objects], [[`stepwire/${staged.key}`, Buffer.from("hello")]]);
});

test("a bucket that does not exist is found out when the store is opened, and so is a wrong secret", async (t) => {
  const { options, close } = await openServer();
  t.after(close);
  await assert.rejects(createS3FileStore({ ...options, bucket: "another" }), { name: "NotFound" });
  const wrong = { ...credentials, secretAccessKey: "another" };
  const refused = ({ $metadata }: S3ServiceException) => $metadata.httpStatusCode === 403;
  await assert.rejects(createS3FileStore({ ...options, credentials: wrong }), refused);
});
