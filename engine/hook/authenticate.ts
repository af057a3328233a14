import { DomainError } from "../model/index.ts";
import { isHubSignedBy, isSignedBy, secretKey } from "../secret/index.ts";
import { type HookCall, headerOf } from "./call.ts";

interface Terms {
  /** The secret, and during a rotation the one before it. Empty: calls need not be signed. */
  readonly secrets: readonly string[];
  readonly replayWindowSeconds: number;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Checks who calls, and returns the name by which a repeat of the call is known, if it has one.
 * Signed are calls after Standard Webhooks (`webhook-signature`), or with GitHub's `X-Hub-Signature-256`. The latter has
 * no time in it, so that the replay window cannot apply, and does not cover its `X-GitHub-Delivery`.
 */
export function authenticate(call: HookCall, { secrets, replayWindowSeconds, now }: Terms): string | null {
  const id = headerOf(call, "webhook-id");
  const named = headerOf(call, "idempotency-key") ?? headerOf(call, "x-github-delivery");
  if (secrets.length === 0) return named ?? id;
  const signature = headerOf(call, "webhook-signature");
  if (signature === null) {
    const hub = headerOf(call, "x-hub-signature-256");
    if (hub === null) throw refused("The call is not signed: webhook-signature or X-Hub-Signature-256 is missing");
    if (!anyOf(secrets, (secret) => isHubSignedBy(secret, call.rawBody, hub)))
      throw refused("The signature is not valid");
    return named;
  }
  const timestamp = headerOf(call, "webhook-timestamp");
  if (!id || timestamp === null || !/^\d{1,12}$/.test(timestamp)) {
    throw refused("The call is not signed: webhook-id or webhook-timestamp is missing");
  }
  const message = { id, timestamp, body: call.rawBody };
  if (!anyOf(secrets, (secret) => isSignedBy(secretKey(secret)!, message, signature))) {
    throw refused("The signature is not valid");
  }
  if (Math.abs(now / 1_000 - Number(timestamp)) > replayWindowSeconds) {
    throw new DomainError(
      "TIMESTAMP_REFUSED",
      `webhook-timestamp is more than ${replayWindowSeconds} s away from the time of this server`,
      { field: "webhook-timestamp" },
    );
  }
  return id;
}

/** Asks for each one, found or not: time tells nothing. */
function anyOf(secrets: readonly string[], matches: (secret: string) => boolean): boolean {
  return secrets.map(matches).includes(true);
}

function refused(message: string): DomainError {
  return new DomainError("SIGNATURE_INVALID", message);
}
