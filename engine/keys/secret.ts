import { hash, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;
/** Tells scanners of leaked secrets whose key it is. */
const PREFIX = "sw_";
/** Enough to recognise a key in a list; the rest still has over 200 random bits. */
const SHOWN_CHARACTERS = 8;

export function createSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString("base64url");
}

/** SHA-256, hex. A slow hash would add nothing: nobody guesses 256 random bits. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret);
}

/** A chosen key (API_KEY) may be short: then less of it is shown. */
export function shownPrefix(secret: string): string {
  return secret.slice(0, Math.min(SHOWN_CHARACTERS, Math.floor(secret.length / 4)));
}
