import { hash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;
/** Tells scanners of leaked secrets whose token it is. */
const PREFIX = "whk_";
const SHOWN_CHARACTERS = 10;

export function createToken(): string {
  return PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
}

/** SHA-256, hex. A slow hash would add nothing: nobody guesses 256 random bits. */
export function hashToken(token: string): string {
  return hash("sha256", token);
}

export function shownToken(token: string): string {
  return token.slice(0, SHOWN_CHARACTERS);
}
