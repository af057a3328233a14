import { createHash } from "node:crypto";
import type { EntityManager } from "@mikro-orm/postgresql";
import type { ExecutionService } from "../execution/index.ts";
import {
  DomainError,
  type ExecutionRecord,
  idRange,
  type JsonObject,
  type Page,
  pageOf,
  parseInput,
  type TenantId,
  type Window,
} from "../model/index.ts";
import { type Clock, steadyClock } from "../runtime/index.ts";
import { createWebhookSecret } from "../secret/index.ts";
import { HookEntity, type HookRow } from "../store/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import { authenticate } from "./authenticate.ts";
import { type HookCall, triggerDataOf } from "./call.ts";
import { hookInput, hookPatch, hookRotation } from "./hook-input.ts";
import { createToken, hashToken, shownToken } from "./token.ts";

/** Leaves room for the rest of the execution's idempotency key. */
const MAX_CALL_ID_LENGTH = 200;

/** A hook without what only its makers may know. */
export interface Hook {
  readonly id: number;
  readonly tenantId: TenantId;
  readonly workflowId: number;
  readonly name: string;
  /** The first characters of its token. */
  readonly tokenPrefix: string;
  readonly unsigned: boolean;
  readonly replayWindowSeconds: number;
  readonly enabled: boolean;
  /** Until then the token and secret from before the last rotation are good, too. */
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Shown once: when the hook is made or rotated. */
export interface HookCredentials {
  readonly hook: Hook;
  /** The last part of the URL: `POST /hooks/{token}`. */
  readonly token: string;
  /** Null for an unsigned hook. */
  readonly secret: string | null;
}

/** Which hooks; what is left out does not restrict. */
export interface HookFilter {
  readonly workflowId?: number;
}

interface HookServiceDeps {
  readonly em: () => EntityManager;
  readonly workflows: Pick<WorkflowService, "get">;
  readonly executions: Pick<ExecutionService, "start">;
  /** Told whose hook is called, once that is known and before the call is checked. */
  readonly called?: (hook: Hook) => void;
  /** Default: that of this process alone. */
  readonly clock?: Pick<Clock, "now">;
}

/** Inbound webhooks: URLs that start a workflow. */
export class HookService {
  constructor(private readonly deps: HookServiceDeps) {}

  private now(): number {
    return (this.deps.clock ?? steadyClock).now();
  }

  async create(tenantId: TenantId, input: JsonObject): Promise<HookCredentials> {
    const fields = parseInput(hookInput, input);
    await this.deps.workflows.get(tenantId, fields.workflow_id);
    const token = createToken();
    const secret = fields.is_unsigned ? null : createWebhookSecret();
    const now = new Date(this.now());
    const em = this.deps.em();
    const row = em.create(HookEntity, {
      tenantId,
      workflowId: fields.workflow_id,
      name: fields.name,
      tokenHash: hashToken(token),
      tokenPrefix: shownToken(token),
      secret,
      replayWindowSeconds: fields.replay_window_seconds,
      enabled: fields.is_enabled,
      previousTokenHash: null,
      previousSecret: null,
      previousUntil: null,
      createdAt: now,
      updatedAt: now,
    });
    await em.flush();
    return { hook: toHook(row), token, secret };
  }

  async get(tenantId: TenantId, id: number): Promise<Hook> {
    return toHook(await find(this.deps.em(), tenantId, id));
  }

  /** Newest first. Plan: "hook_tenant", or "hook_workflow". */
  async list(tenantId: TenantId, filter: HookFilter, window: Window): Promise<Page<Hook>> {
    const { lower, upper, direction } = idRange(window, "DESC");
    const rows = await this.deps
      .em()
      .find(
        HookEntity,
        { tenantId, ...filter, id: { $gt: lower, $lt: upper } },
        { orderBy: { id: direction }, limit: window.limit + 1 },
      );
    return pageOf(rows.map(toHook), window);
  }

  count(tenantId: TenantId, filter: HookFilter): Promise<number> {
    return this.deps.em().count(HookEntity, { tenantId, ...filter });
  }

  async update(tenantId: TenantId, id: number, input: JsonObject): Promise<Hook> {
    const patch = parseInput(hookPatch, input);
    const em = this.deps.em();
    const row = await find(em, tenantId, id);
    row.name = patch.name ?? row.name;
    row.replayWindowSeconds = patch.replay_window_seconds ?? row.replayWindowSeconds;
    row.enabled = patch.is_enabled ?? row.enabled;
    row.updatedAt = new Date(this.now());
    await em.flush();
    return toHook(row);
  }

  /** A new token, and a new secret for a signed hook. The old ones stay good for a grace time. */
  async rotate(tenantId: TenantId, id: number, input: JsonObject): Promise<HookCredentials> {
    const { grace_seconds: graceSeconds } = parseInput(hookRotation, input);
    const token = createToken();
    const now = new Date(this.now());
    const em = this.deps.em();
    const row = await find(em, tenantId, id);
    row.previousTokenHash = row.tokenHash;
    row.previousSecret = row.secret;
    row.previousUntil = new Date(now.getTime() + graceSeconds * 1_000);
    row.tokenHash = hashToken(token);
    row.tokenPrefix = shownToken(token);
    row.secret = row.secret === null ? null : createWebhookSecret();
    row.updatedAt = now;
    await em.flush();
    return { hook: toHook(row), token, secret: row.secret };
  }

  async remove(tenantId: TenantId, id: number): Promise<Hook> {
    const em = this.deps.em();
    const row = await find(em, tenantId, id);
    await em.remove(row).flush();
    return toHook(row);
  }

  /** Whether a call with this token may be for one of ours. */
  async isKnown(token: string): Promise<boolean> {
    return (await this.findByToken(token, new Date())) !== null;
  }

  /**
   * Starts the workflow of a hook. A repeat of a call (`webhook-id`, Idempotency-Key or X-GitHub-Delivery) gives the
   * execution that the first one started. Throws HOOK_NOT_FOUND, SIGNATURE_INVALID, TIMESTAMP_REFUSED,
   * VALIDATION_FAILED, IDEMPOTENCY_CONFLICT, WORKFLOW_NOT_EXECUTABLE, WORKFLOW_NOT_FOUND.
   */
  async receive(token: string, call: HookCall): Promise<ExecutionRecord> {
    const received = new Date(this.now());
    const row = await this.byToken(token, received);
    this.deps.called?.(toHook(row));
    const inGrace = row.previousUntil !== null && row.previousUntil > received;
    const callId = authenticate(call, {
      secrets: [row.secret, inGrace ? row.previousSecret : null].filter((secret) => secret !== null),
      replayWindowSeconds: row.replayWindowSeconds,
      // Of the machine, as the sender's: the two are compared, and ours may have been set while service time goes on.
      now: Date.now(),
    });
    return this.deps.executions.start({
      tenantId: row.tenantId,
      workflowId: row.workflowId,
      triggerType: "webhook",
      triggerData: await triggerDataOf(call, row.tenantId, received),
      correlationId: call.correlationId,
      ...(callId !== null && { idempotencyKey: executionKey(row.id, callId), fingerprint: fingerprintOf(call) }),
    });
  }

  private async byToken(token: string, now: Date): Promise<HookRow> {
    const row = await this.findByToken(token, now);
    if (!row) throw notFound();
    return row;
  }

  /** Plan: "hook_token" and "hook_previous_token". */
  private findByToken(token: string, now: Date): Promise<HookRow | null> {
    const hash = hashToken(token);
    return this.deps.em().findOne(HookEntity, {
      enabled: true,
      $or: [{ tokenHash: hash }, { previousTokenHash: hash, previousUntil: { $gt: now } }],
    });
  }
}

function executionKey(hookId: number, callId: string): string {
  if (callId !== "" && callId.length <= MAX_CALL_ID_LENGTH) return `hook:${hookId}:${callId}`;
  const message = `the id of the call must have 1 to ${MAX_CALL_ID_LENGTH} characters`;
  throw new DomainError("VALIDATION_FAILED", message, { field: "idempotency_key" });
}

/** A repeat comes at another time, and perhaps with other headers: its body and query say whether it is the same. */
function fingerprintOf({ rawBody, query }: HookCall): string {
  return createHash("sha256").update(JSON.stringify(query)).update("\0").update(rawBody).digest("hex");
}

async function find(em: EntityManager, tenantId: TenantId, id: number): Promise<HookRow> {
  const row = await em.findOne(HookEntity, { id, tenantId });
  if (!row) throw notFound();
  return row;
}

function notFound(): DomainError {
  return new DomainError("HOOK_NOT_FOUND", "Hook not found", { field: "hook_id" });
}

function toHook(row: HookRow): Hook {
  const { id, tenantId, workflowId, name, tokenPrefix, replayWindowSeconds, enabled } = row;
  const { previousUntil, createdAt, updatedAt } = row;
  return {
    id,
    tenantId,
    workflowId,
    name,
    tokenPrefix,
    unsigned: row.secret === null,
    replayWindowSeconds,
    enabled,
    previousUntil,
    createdAt,
    updatedAt,
  };
}
