import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Signatures after Standard Webhooks 1.0.0 (symmetric, `v1`). The npm package of that name fixes the window at 5 minutes. */

const SECRET_PREFIX = "whsec_";
const VERSION = "v1";
const SECRET_BYTES = 32;
/** What the specification allows. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

export const SECRET_FORM = `\`whsec_\` and the base64 of ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} random bytes`;

export function createWebhookSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

/** The key that a secret stands for; null when it is not of the form SECRET_FORM. */
export function secretKey(secret: string): Buffer | null {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : "";
  if (!base64.test(encoded)) return null;
  const key = Buffer.from(encoded, "base64");
  return key.length >= MIN_SECRET_BYTES && key.length <= MAX_SECRET_BYTES ? key : null;
}

export interface SignedMessage {
  /** `webhook-id` */
  readonly id: string;
  /** `webhook-timestamp`: seconds since the epoch, as it stands in the header. */
  readonly timestamp: string;
  readonly body: string | Buffer;
}

/** The value of `webhook-signature`. */
export function signMessage(key: Buffer, message: SignedMessage): string {
  return `${VERSION},${digest(key, message)}`;
}

/** Whether one of the signatures of the header (divided by spaces: senders that rotate send several) is that of the key. */
export function isSignedBy(key: Buffer, message: SignedMessage, header: string): boolean {
  const expected = digest(key, message);
  let found = false;
  for (const signature of header.split(" ")) {
    const comma = signature.indexOf(",");
    if (signature.slice(0, comma) !== VERSION) continue;
    // No way out before the last one: time tells nothing.
    found = sameText(signature.slice(comma + 1), expected) || found;
  }
  return found;
}

/** GitHub's `X-Hub-Signature-256`: the HMAC of the body alone, the secret being the text itself. */
export function isHubSignedBy(secret: string, body: Buffer, header: string): boolean {
  return sameText(header, `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
}

function digest(key: Buffer, { id, timestamp, body }: SignedMessage): string {
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
}

/** In constant time. The length of a signature is no secret. */
function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
