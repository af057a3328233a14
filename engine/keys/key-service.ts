import type { EntityManager } from "@mikro-orm/postgresql";
import { z } from "zod";
import { type Bus, channels } from "../bus/index.ts";
import {
  DEFAULT_TENANT,
  DomainError,
  idRange,
  nameText,
  type Page,
  pageOf,
  parseInput,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { type Clock, steadyClock } from "../runtime/index.ts";
import { ApiKeyEntity, type ApiKeyRow } from "../store/index.ts";
import { type CachedKey, KeyCache } from "./key-cache.ts";
import { KeyWatch } from "./key-watch.ts";
import { allScopes, type Scope } from "./scope.ts";
import { createSecret, hashSecret, shownPrefix } from "./secret.ts";

/** A longer one is none of ours: not worth hashing. */
const MAX_SECRET_LENGTH = 512;
const LAST_USED_PRECISION_MS = 60_000;
const DEFAULT_GRACE_SECONDS = 3_600;
/** A week. */
const MAX_GRACE_SECONDS = 604_800;
/** Two processes that start at once must not both make a first key. The number is arbitrary, and ours. */
const BOOTSTRAP_LOCK = 7_306_200_603n;

/** Who asks. */
export interface Actor {
  readonly keyId: number;
  readonly tenantId: TenantId;
  readonly scopes: readonly Scope[];
}

/** A key as it may be shown. */
export type ApiKey = Omit<ApiKeyRow, "hash" | "scopes" | "fromEnvironment"> & { readonly scopes: readonly Scope[] };

interface NewKey {
  readonly key: ApiKey;
  /** Shown this once: only its hash is stored. */
  readonly secret: string;
}

export const keyInput = z.strictObject({
  name: nameText.describe("What it is for."),
  scopes: z
    .array(z.enum(allScopes as readonly [Scope, ...Scope[]]))
    .min(1)
    .describe("What it may do: at least one."),
});

const createInput = (now: number) =>
  keyInput.extend({
    expires_at: z
      .date()
      .refine((at) => at.getTime() > now, "must be in the future")
      .nullable(),
  });

export const graceInput = z.strictObject({
  grace_seconds: z
    .int()
    .min(0)
    .max(MAX_GRACE_SECONDS)
    .default(DEFAULT_GRACE_SECONDS)
    .describe("Seconds for which the old secret still works."),
});

export class KeyService {
  private readonly cache = new KeyCache((hash) => this.read(hash));
  private readonly writes = new Set<Promise<void>>();
  private readonly watches: KeyWatch;

  constructor(
    private readonly em: () => EntityManager,
    private readonly bus: Bus,
    private readonly clock: Pick<Clock, "now"> = steadyClock,
  ) {
    this.watches = new KeyWatch(em, clock);
  }

  /** Listens for keys that other processes change. */
  async start(): Promise<void> {
    await this.bus.subscribe(channels.keyChanged, (hash) => {
      this.cache.drop(hash as string);
      void this.watches.look();
    });
  }

  /** Waits for what is still being written. */
  async close(): Promise<void> {
    await this.watches.close();
    await Promise.all(this.writes);
  }

  /**
   * Whose secret it is; null when it is unknown, revoked or expired.
   * No comparison of secrets takes place, so none can be timed: the hash is looked up in an index, and how long that
   * takes says nothing about the secret.
   */
  async authenticate(secret: string): Promise<Actor | null> {
    if (secret === "" || secret.length > MAX_SECRET_LENGTH) return null;
    const key = await this.cache.get(hashSecret(secret));
    const now = this.clock.now();
    if (!key || !isValid(key, now)) return null;
    this.touch(key, now);
    return { keyId: key.id, tenantId: key.tenantId, scopes: key.scopes as Scope[] };
  }

  /** Calls `ended` once, within a second after the key was revoked or has expired. Returns what ends the watch. */
  watch({ keyId }: Actor, ended: () => void): () => void {
    return this.watches.watch(keyId, ended);
  }

  async create(request: {
    tenantId: TenantId;
    name: string;
    scopes: readonly Scope[];
    expiresAt: Date | null;
  }): Promise<NewKey> {
    const { tenantId, name, scopes, expiresAt } = request;
    parseInput(createInput(this.clock.now()), { name, scopes, expires_at: expiresAt });
    const em = this.em();
    const secret = createSecret();
    const row = em.create(ApiKeyEntity, newRow(tenantId, name, [...new Set(scopes)], expiresAt, secret));
    await em.flush();
    return { key: shown(row), secret };
  }

  /**
   * The key that the operator starts with, with every scope. With `apiKey` (from API_KEY): sees to it that this one is valid
   * unless it was revoked or rotated, and that no earlier value is. Without: makes one when there is no key at all, and
   * returns its secret; otherwise null.
   */
  async bootstrap(apiKey: string | undefined): Promise<string | null> {
    if (apiKey !== undefined) {
      for (const row of await this.bootstrapFrom(apiKey)) this.changed(row);
      return null;
    }
    const secret = createSecret();
    return this.bootstrapping(async (tx) => {
      if ((await tx.count(ApiKeyEntity, {})) > 0) return null;
      tx.create(ApiKeyEntity, newRow(DEFAULT_TENANT, "bootstrap", allScopes, null, secret));
      return secret;
    });
  }

  /** @returns the keys that were there before */
  private bootstrapFrom(apiKey: string): Promise<readonly ApiKeyRow[]> {
    const hash = hashSecret(apiKey);
    return this.bootstrapping(async (tx) => {
      const known = await tx.find(ApiKeyEntity, { $or: [{ hash }, { fromEnvironment: true, expiresAt: null }] });
      const own = known.find((row) => row.hash === hash);
      // One that another value had ended, and that is chosen again.
      if (own?.fromEnvironment) own.expiresAt = null;
      if (!own) {
        const row = newRow(DEFAULT_TENANT, "bootstrap", allScopes, null, apiKey);
        tx.create(ApiKeyEntity, { ...row, fromEnvironment: true });
      }
      for (const other of known) if (other !== own) other.expiresAt = new Date(this.clock.now());
      return known;
    });
  }

  private bootstrapping<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.em().transactional(async (tx) => {
      await tx.execute(`SELECT pg_advisory_xact_lock(${BOOTSTRAP_LOCK})`);
      return work(tx);
    });
  }

  async get(tenantId: TenantId, id: number): Promise<ApiKey> {
    return shown(await this.find(this.em(), tenantId, id));
  }

  /** Newest first. Plan: "api_key_tenant". */
  async list(tenantId: TenantId, window: Window): Promise<Page<ApiKey>> {
    const { lower, upper, direction } = idRange(window, "DESC");
    const rows = await this.em().find(
      ApiKeyEntity,
      { tenantId, id: { $gt: lower, $lt: upper } },
      { orderBy: { id: direction }, limit: window.limit + 1 },
    );
    return pageOf(rows.map(shown), window);
  }

  async count(tenantId: TenantId): Promise<number> {
    return this.em().count(ApiKeyEntity, { tenantId });
  }

  /** From now on the key is refused: here at once, elsewhere within a second. Revoking it again changes nothing. */
  async revoke(tenantId: TenantId, id: number): Promise<ApiKey> {
    const em = this.em();
    const row = await this.find(em, tenantId, id);
    row.revokedAt ??= new Date();
    row.fromEnvironment = false;
    await em.flush();
    this.changed(row);
    return shown(row);
  }

  /** A new secret with the name, scopes and expiry of the old one, which stays valid for `graceSeconds`; null: as long as is usual. */
  async rotate(
    tenantId: TenantId,
    id: number,
    graceSeconds: number | null,
  ): Promise<NewKey & { readonly old: ApiKey }> {
    const { grace_seconds: grace } = parseInput(graceInput, { grace_seconds: graceSeconds ?? undefined });
    const em = this.em();
    const old = await this.find(em, tenantId, id);
    const now = this.clock.now();
    if (!isValid(old, now)) {
      throw new DomainError("INVALID_STATE", "A revoked or expired key cannot be rotated", { field: "api_key_id" });
    }
    const { name, scopes, expiresAt } = old;
    const secret = createSecret();
    const row = em.create(ApiKeyEntity, newRow(tenantId, name, scopes as Scope[], expiresAt, secret));
    old.fromEnvironment = false;
    old.expiresAt = new Date(Math.min(expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, now + grace * 1_000));
    await em.flush();
    this.changed(old);
    return { key: shown(row), secret, old: shown(old) };
  }

  private async find(em: EntityManager, tenantId: TenantId, id: number): Promise<ApiKeyRow> {
    const row = await em.findOne(ApiKeyEntity, { id, tenantId });
    if (!row) throw new DomainError("API_KEY_NOT_FOUND", "API key not found", { field: "api_key_id" });
    return row;
  }

  /** Plan: "api_key_hash". */
  private read(hash: string): Promise<CachedKey | null> {
    return this.em().findOne(ApiKeyEntity, { hash });
  }

  private changed(row: ApiKeyRow): void {
    this.cache.drop(row.hash);
    this.bus.publish(channels.keyChanged, row.hash);
  }

  /** When it was last used is for people: known to the minute, and nobody waits for it to be written. */
  private touch(key: CachedKey, now: number): void {
    if (key.lastUsedAt !== null && now - key.lastUsedAt.getTime() < LAST_USED_PRECISION_MS) return;
    key.lastUsedAt = new Date(now);
    const write = this.em()
      .nativeUpdate(ApiKeyEntity, { id: key.id }, { lastUsedAt: key.lastUsedAt })
      // Lost: the next use after a minute writes it.
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.writes.delete(write));
    this.writes.add(write);
  }
}

function isValid({ revokedAt, expiresAt }: Pick<ApiKeyRow, "revokedAt" | "expiresAt">, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > now);
}

function newRow(tenantId: TenantId, name: string, scopes: readonly Scope[], expiresAt: Date | null, secret: string) {
  return {
    tenantId,
    name,
    hash: hashSecret(secret),
    prefix: shownPrefix(secret),
    scopes: [...scopes],
    createdAt: new Date(),
    expiresAt,
    revokedAt: null,
    fromEnvironment: false,
    lastUsedAt: null,
  };
}

function shown({ hash: _, fromEnvironment: __, ...row }: ApiKeyRow): ApiKey {
  return row as ApiKey;
}
