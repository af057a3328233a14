import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { JsonValue } from "../model/index.ts";

export const KEY_BYTES = 32;
const ALGORITHM = "aes-256-gcm";
/** Of AES-GCM; random, so one key is good for some 2^32 values. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARS = 12;

/** What was sealed cannot be opened. Never says what it holds. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Where a sealed value belongs: it opens there and nowhere else, so that no row can be given another's. */
export type SealPlace = `execution:${number}/trigger` | `execution:${number}/step:${number}`;

/** Keeps secret values in the database: encrypted and authenticated with the installation's key (AES-256-GCM). */
export class Keyring {
  /** Tells the key that seals apart from others; says nothing of the key. */
  readonly id: string;
  private readonly keys: ReadonlyMap<string, Buffer>;

  /** The first key seals; all of them open, so that a key can be replaced while values of the old one are kept. */
  constructor([key, ...previous]: readonly [Buffer, ...Buffer[]]) {
    for (const { length } of [key, ...previous]) {
      if (length !== KEY_BYTES) throw new Error(`A key has ${KEY_BYTES} bytes, not ${length}`);
    }
    this.id = idOf(key);
    this.keys = new Map([...previous, key].map((one) => [idOf(one), one]));
  }

  /** Whether a key with this id is among them. */
  has(id: string): boolean {
    return this.keys.has(id);
  }

  /** `<id of the key>.<base64url of iv, tag and ciphertext>` */
  seal(value: JsonValue, place: SealPlace): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keys.get(this.id)!, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
    return `${this.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url")}`;
  }

  open(sealed: string, place: SealPlace): JsonValue {
    const [id = "", text = ""] = sealed.split(".", 2);
    const key = this.keys.get(id);
    if (!key)
      throw new SealError(`A secret of ${place} is sealed with the key ${id}, which this process does not have`);
    const bytes = Buffer.from(text, "base64url");
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const body = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(body.toString("utf8")) as JsonValue;
    } catch (cause) {
      throw new SealError(`A secret of ${place} was changed, or is of another place`, { cause });
    }
  }
}

function idOf(key: Buffer): string {
  return createHash("sha256").update("stepwire key id").update(key).digest("hex").slice(0, KEY_ID_CHARS);
}
