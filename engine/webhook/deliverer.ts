import type pg from "pg";
import type { SecretMask } from "../expression/index.ts";
import type { HttpClient } from "../http/index.ts";
import {
  type AttemptResult,
  type ClaimedDelivery,
  claimDue,
  nextDueMs,
  pruneSettled,
  settleAttempt,
} from "./outbox.ts";
import { RETRY_SECONDS, retryDelayMs } from "./retry-schedule.ts";
import { REQUEST_TIMEOUT_SECONDS, type SendPorts, sendDelivery } from "./send.ts";
import type { WebhookTarget } from "./target.ts";

/** Requests in hand at once in this process. */
const MAX_IN_HAND = 50;
/** Taken at once. */
const CLAIM_SIZE = 10;
/** A workflow with so many in hand waits for them: a dead target must not hold up those of others. */
const MAX_PER_WORKFLOW = 10;
/** Longer than an attempt can take, its two statements included. */
const LEASE_MS = (REQUEST_TIMEOUT_SECONDS + 15) * 1_000;
/** Rows of a process that died between its commit and the delivery are found by the others within this time. */
const MAX_IDLE_MS = 60_000;
/** What is due but was not taken is being taken by somebody else. */
const MIN_WAIT_MS = 20;
/** After Postgres could not be asked. */
const TROUBLE_MS = 1_000;
const RETENTION_DAYS = 30;
const PRUNE_INTERVAL_MS = 3_600_000;
const PRUNE_SIZE = 1_000;

export interface DelivererOptions {
  readonly pool: pg.Pool;
  /** The guarded one: a target is an address that a user wrote. */
  readonly http: HttpClient;
  readonly mask: SecretMask;
  /** The targets of a workflow version. */
  targets(workflowId: number, version: number): Promise<readonly WebhookTarget[]>;
  log(level: "warning" | "error", message: string, fields: Readonly<Record<string, string | number | null>>): void;
  /** Seconds between attempts. Default RETRY_SECONDS. */
  readonly retrySeconds?: readonly number[];
  /** Default: 30 s. */
  readonly leaseMs?: number;
}

/**
 * Sends what is in the outbox, at least once. Any number of processes may have one on the same database. What waits is a
 * row with a time: here is one timer, armed for the nearest.
 */
export class WebhookDeliverer {
  private readonly inHand = new Map<number, { readonly workflowId: number; readonly done: Promise<void> }>();
  private readonly abort = new AbortController();
  private readonly ports: SendPorts;
  private timer: NodeJS.Timeout | null = null;
  private pruneTimer: NodeJS.Timeout | null = null;
  private pumping: Promise<void> | null = null;
  /** Something came in while the outbox was being read. */
  private again = false;
  private running = false;

  constructor(private readonly options: DelivererOptions) {
    const { http, mask, retrySeconds = RETRY_SECONDS } = options;
    this.ports = {
      http,
      mask,
      retryDelayMs: (attempt, retryAfterMs) => retryDelayMs(retrySeconds, attempt, Math.random(), retryAfterMs),
    };
  }

  start(): void {
    this.running = true;
    this.wake();
    this.prune();
  }

  /** There are new rows: after the commit of a flush that filled the outbox, or of a delivery sent again by hand. */
  wake(): void {
    if (!this.running) return;
    this.again = true;
    this.pumping ??= this.pump().finally(() => {
      this.pumping = null;
      if (this.again) this.wake();
    });
  }

  /** Takes no more, waits for what is in hand up to `limitMs`, hands the rest back. */
  async stop(limitMs: number): Promise<void> {
    this.running = false;
    if (this.timer) clearTimeout(this.timer);
    if (this.pruneTimer) clearTimeout(this.pruneTimer);
    await this.pumping;
    const timer = setTimeout(() => this.abort.abort(new Error("The process stops")), limitMs);
    await Promise.all([...this.inHand.values()].map(({ done }) => done));
    clearTimeout(timer);
  }

  private async pump(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    try {
      do {
        this.again = false;
        await this.claim();
      } while (this.again && this.running && this.inHand.size < MAX_IN_HAND);
      // Full: whoever is done first wakes us.
      this.again = false;
      if (!this.running || this.inHand.size >= MAX_IN_HAND) return;
      this.arm(Math.min((await nextDueMs(this.options.pool, this.busyWorkflows())) ?? MAX_IDLE_MS, MAX_IDLE_MS));
    } catch (error) {
      this.options.log("warning", "Could not read the webhook outbox; trying again", { error: String(error) });
      this.arm(TROUBLE_MS);
    }
  }

  private async claim(): Promise<void> {
    const { pool, leaseMs = LEASE_MS } = this.options;
    const room = Math.min(CLAIM_SIZE, MAX_IN_HAND - this.inHand.size);
    if (room <= 0) return;
    const claimed = await claimDue(pool, room, leaseMs, this.busyWorkflows());
    if (claimed.length === room) this.again = true;
    for (const delivery of claimed) {
      const done = this.deliver(delivery).finally(() => {
        this.inHand.delete(delivery.id);
        this.wake();
      });
      this.inHand.set(delivery.id, { workflowId: delivery.workflowId, done });
    }
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const { pool, log } = this.options;
    const fields = { delivery_id: delivery.id, workflow_id: delivery.workflowId, attempt: delivery.attempt };
    try {
      const result = await this.attempt(delivery);
      await settleAttempt(pool, delivery, result);
      if (result.status === "failed") log("warning", "Gave up a webhook delivery", { ...fields, error: result.error });
    } catch (error) {
      // The lease runs out, and it is sent again.
      log("error", "Lost track of a webhook delivery", { ...fields, error: String(error) });
    }
  }

  private async attempt(delivery: ClaimedDelivery): Promise<AttemptResult> {
    const { signal } = this.abort;
    const { workflowId, workflowVersion, attempt } = delivery;
    const unanswered = { responseStatus: null, responseExcerpt: null };
    try {
      const target = (await this.options.targets(workflowId, workflowVersion))[delivery.target];
      if (target) return await sendDelivery(this.ports, delivery, target, signal);
      const error = `version ${workflowVersion} of the workflow has no webhook ${delivery.target}`;
      return { status: "failed", retryMs: null, ...unanswered, error };
    } catch (error) {
      // Its outcome is unknown: whoever is there takes it at once.
      if (signal.aborted) return { status: "pending", retryMs: 0, ...unanswered, error: "interrupted" };
      const retryMs = this.ports.retryDelayMs(attempt, 0);
      return { status: retryMs === null ? "failed" : "pending", retryMs, ...unanswered, error: String(error) };
    }
  }

  private busyWorkflows(): number[] {
    const counts = new Map<number, number>();
    for (const { workflowId } of this.inHand.values()) counts.set(workflowId, (counts.get(workflowId) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= MAX_PER_WORKFLOW).map(([workflowId]) => workflowId);
  }

  private arm(inMs: number): void {
    if (!this.running) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), Math.max(Math.ceil(inMs), MIN_WAIT_MS));
  }

  private prune(): void {
    const { pool, log } = this.options;
    pruneSettled(pool, RETENTION_DAYS, PRUNE_SIZE)
      .catch((error: unknown) => {
        log("warning", "Could not remove old webhook deliveries", { error: String(error) });
        return 0;
      })
      .then((removed) => {
        if (!this.running) return;
        const more = removed === PRUNE_SIZE;
        this.pruneTimer = setTimeout(() => this.prune(), more ? TROUBLE_MS : PRUNE_INTERVAL_MS).unref();
      });
  }
}
