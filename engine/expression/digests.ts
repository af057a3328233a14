import { createHmac, hash } from "node:crypto";
import type jsonata from "jsonata";
import { z } from "zod";

/** What remote systems sign and check with; the weak ones only because some still ask for them. */
const algorithms = ["sha256", "sha384", "sha512", "sha1", "md5"] as const;
const encodings = ["hex", "base64", "base64url"] as const;

const hashOptions = z.strictObject({
  algorithm: z.enum(algorithms).default("sha256"),
  encoding: z.enum(encodings).default("hex"),
});
const hmacOptions = hashOptions.extend({ key_encoding: z.enum(["utf8", ...encodings]).default("utf8") });

/** Functions that JSONata does not have: `$hash(text, options?)` and `$hmac(text, key, options?)`, to sign requests with. */
export function addDigests(expression: jsonata.Expression): void {
  expression.registerFunction(
    "hash",
    (text: string, options: unknown) => {
      const { algorithm, encoding } = read("hash", hashOptions, options);
      return hash(algorithm, text, encoding);
    },
    "<so?:s>",
  );
  expression.registerFunction(
    "hmac",
    (text: string, key: string, options: unknown) => {
      const { algorithm, encoding, key_encoding: keyEncoding } = read("hmac", hmacOptions, options);
      return createHmac(algorithm, Buffer.from(key, keyEncoding)).update(text).digest(encoding);
    },
    "<sso?:s>",
  );
}

function read<Options extends z.ZodType>(name: string, schema: Options, options: unknown): z.output<Options> {
  const parsed = schema.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue!.path.length > 0 ? `option ${issue!.path.join(".")}: ` : "";
  throw new Error(`$${name}: ${place}${issue!.message}`);
}
