import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { S3ServiceException } from "@aws-sdk/client-s3";
import { DomainError } from "../model/index.ts";
import type { ByteRange, FileStore } from "./file-store.ts";
import { OWNER_ONLY_FILE, openStaging } from "./staging.ts";

const KEY = /^[0-9a-f]{64}$/;

export interface S3FileStoreOptions {
  readonly bucket: string;
  /** Put before each key, such as `stepwire/`. Default: nothing. */
  readonly prefix?: string;
  /** Of a store that is not AWS; its buckets are then addressed by path. */
  readonly endpoint?: string;
  readonly region: string;
  /** Local folder for content on its way: it is hashed and inspected before it is stored, and workers need a path. */
  readonly scratch: string;
  /** Default: the AWS chain: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, profiles, roles. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Content in an S3 bucket, or in what speaks its protocol: `<prefix><sha256>`. Rejects when the bucket cannot be reached. */
export async function createS3FileStore(options: S3FileStoreOptions): Promise<FileStore> {
  const { bucket: Bucket, prefix = "", endpoint, region, credentials } = options;
  // Only now: it is large, and most installations keep files on a disk.
  const { S3Client, ...commands } = await import("@aws-sdk/client-s3");
  const { HeadBucketCommand, HeadObjectCommand, GetObjectCommand, PutObjectCommand, DeleteObjectCommand } = commands;
  const staging = await openStaging(options.scratch);
  const s3 = new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    // Stores other than AWS commonly know no other than the required ones.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  await s3.send(new HeadBucketCommand({ Bucket }));

  const at = (key: string) => {
    if (!KEY.test(key)) throw notFound(key);
    return { Bucket, Key: `${prefix}${key}` };
  };

  async function has(key: string): Promise<boolean> {
    if (!KEY.test(key)) return false;
    try {
      await s3.send(new HeadObjectCommand(at(key)));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async function open(key: string, range?: ByteRange): Promise<Readable> {
    const Range = range && `bytes=${range.start}-${range.end ?? ""}`;
    try {
      const { Body } = await s3.send(new GetObjectCommand({ ...at(key), ...(Range && { Range }) }));
      // In Node it is one.
      return Body as Readable;
    } catch (error) {
      throw isMissing(error) ? notFound(key) : error;
    }
  }

  return {
    async stage(content, limits) {
      const { path, size, sha256 } = await staging.receive(content, limits);
      return {
        path,
        key: sha256,
        size,
        sha256,
        async commit() {
          if (await has(sha256)) return;
          const Body = createReadStream(path);
          await s3.send(new PutObjectCommand({ ...at(sha256), Body, ContentLength: size }));
        },
        [Symbol.asyncDispose]: () => rm(path, { force: true }),
      };
    },
    open,
    async local(key) {
      const path = join(staging.directory, randomUUID());
      const dispose = () => rm(path, { force: true });
      try {
        await pipeline(await open(key), createWriteStream(path, { flags: "wx", mode: OWNER_ONLY_FILE }));
      } catch (error) {
        await dispose();
        throw error;
      }
      return { path, [Symbol.asyncDispose]: dispose };
    },
    has,
    async delete(key) {
      if (KEY.test(key)) await s3.send(new DeleteObjectCommand(at(key)));
    },
  };
}

function isMissing(error: unknown): boolean {
  return (error as S3ServiceException).$metadata?.httpStatusCode === 404;
}

function notFound(key: string): DomainError {
  return new DomainError("FILE_NOT_FOUND", `There is no stored content ${key}.`);
}
