import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import { StepError } from "../model/index.ts";
import { responseTooLarge } from "./errors.ts";

/** What a request offers to accept. */
export const ACCEPT_ENCODING = "gzip, deflate, br";

/** More layers than any real server applies. */
const MAX_ENCODINGS = 5;

const decoders = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: (data: Buffer, options: { maxOutputLength: number }) =>
    // Some servers send deflate without the zlib header, whose first byte ends in 8.
    ((data[0] ?? 0) & 0x0f) === 8 ? promisify(inflate)(data, options) : promisify(inflateRaw)(data, options),
};

/** Undoes Content-Encoding. Stops as soon as the result passes `maxBytes`, however small the input was. */
export async function decompress(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (!contentEncoding || body.length === 0) return body;
  const encodings = contentEncoding
    .toLowerCase()
    .split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "" && encoding !== "identity");
  if (encodings.length > MAX_ENCODINGS) throw undecodable("is encoded too many times");
  let decoded = body;
  for (const encoding of encodings.reverse()) {
    if (!Object.hasOwn(decoders, encoding)) throw undecodable("has a Content-Encoding other than gzip, deflate and br");
    try {
      decoded = await decoders[encoding as keyof typeof decoders](decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw responseTooLarge(maxBytes);
      throw undecodable("cannot be decompressed", error);
    }
  }
  return decoded;
}

function undecodable(what: string, cause?: unknown): StepError {
  return new StepError("HTTP_FAILED", `the response ${what}`, { ...(cause === undefined ? {} : { cause }) });
}
