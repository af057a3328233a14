import type { ApiKeyRow } from "../store/index.ts";

/** Of the rows of an authentication: what the answer depends on. */
export type CachedKey = Pick<ApiKeyRow, "id" | "tenantId" | "scopes" | "expiresAt" | "revokedAt" | "lastUsedAt">;

/**
 * A revoked key must be refused within a second everywhere, also when the bus lost the message: so nothing is kept longer.
 * One read a second and key is the price.
 */
const KEEP_MS = 1_000;
const MAX_KEYS = 10_000;

/** Rows by hash, read once for all who ask meanwhile. Unknown hashes are not kept: they would push out the known. */
export class KeyCache {
  private readonly entries = new Map<string, { readonly key: Promise<CachedKey | null>; readonly until: number }>();

  constructor(private readonly read: (hash: string) => Promise<CachedKey | null>) {}

  get(hash: string): Promise<CachedKey | null> {
    const now = performance.now();
    const known = this.entries.get(hash);
    if (known && known.until > now) return known.key;
    const entry = { key: this.read(hash), until: now + KEEP_MS };
    this.entries.delete(hash);
    this.entries.set(hash, entry);
    const drop = () => {
      if (this.entries.get(hash) === entry) this.entries.delete(hash);
    };
    entry.key.then((key) => key ?? drop(), drop);
    if (this.entries.size > MAX_KEYS) this.entries.delete(this.entries.keys().next().value!);
    return entry.key;
  }

  drop(hash: string): void {
    this.entries.delete(hash);
  }
}
