import type pg from "pg";
import type { WebhookTarget } from "../definition/index.ts";
import type { SecretMask } from "../expression/index.ts";
import type { HttpClient } from "../http/index.ts";
import { type Clock, Lookout, patiently, steadyClock } from "../runtime/index.ts";
import {
  type AttemptResult,
  type ClaimedDelivery,
  claimDue,
  type LeftOut,
  nextDueAt,
  pruneSettled,
  settleAttempt,
} from "./outbox.ts";
import { RETRY_SECONDS, retryDelayMs } from "./retry-schedule.ts";
import { REQUEST_TIMEOUT_SECONDS, type SendPorts, sendDelivery } from "./send.ts";

/** Requests in hand at once in this process. */
const MAX_IN_HAND = 50;
/** Taken at once. */
const CLAIM_SIZE = 10;
/** A workflow with so many in hand waits for them: a dead target must not hold up those of others. */
const MAX_PER_WORKFLOW = 10;
/** Longer than an attempt can take, its two statements included. */
const LEASE_MS = (REQUEST_TIMEOUT_SECONDS + 15) * 1_000;
const PASSED_OVER_MS = 20;
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
  /** Default: that of this process alone. */
  readonly clock?: Clock;
}

/** Sends what is in the outbox, at least once. Any number of processes may have one on the same database. */
export class WebhookDeliverer {
  private readonly inHand = new Map<number, { readonly workflowId: number; readonly done: Promise<void> }>();
  private readonly abort = new AbortController();
  private readonly ports: SendPorts;
  private readonly clock: Clock;
  private readonly lookout: Lookout;
  private pruneTimer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly options: DelivererOptions) {
    const { http, mask, log, retrySeconds = RETRY_SECONDS } = options;
    this.clock = options.clock ?? steadyClock;
    this.lookout = new Lookout({
      take: () => this.takeDue(),
      nextAt: () => this.nextAt(),
      failed: (error) => log("warning", "Could not read the webhook outbox; trying again", { error: String(error) }),
      retryMs: TROUBLE_MS,
      passedOverMs: PASSED_OVER_MS,
      clock: this.clock,
    });
    this.ports = {
      http,
      mask,
      retryDelayMs: (attempt, retryAfterMs) => retryDelayMs(retrySeconds, attempt, Math.random(), retryAfterMs),
    };
  }

  start(): void {
    void this.lookout.start();
    this.prune();
  }

  /** There are new rows: after the commit of a flush that filled the outbox, or of a delivery sent again by hand. */
  wake(): void {
    this.lookout.wake();
  }

  /** Takes no more, waits for what is in hand up to `limitMs`, hands the rest back. */
  async stop(limitMs: number): Promise<void> {
    this.stopped = true;
    if (this.pruneTimer) clearTimeout(this.pruneTimer);
    await this.lookout.stop();
    const timer = setTimeout(() => this.abort.abort(new Error("The process stops")), limitMs);
    await Promise.all([...this.inHand.values()].map(({ done }) => done));
    clearTimeout(timer);
  }

  private async takeDue(): Promise<void> {
    const { pool, leaseMs = LEASE_MS } = this.options;
    const free = Math.min(CLAIM_SIZE, MAX_IN_HAND - this.inHand.size);
    if (free === 0) return;
    const claimed = await claimDue(pool, free, leaseMs, this.leftOut(), this.clock.now());
    for (const delivery of claimed) this.take(delivery);
    if (claimed.length === free) this.lookout.wake();
  }

  private async nextAt(): Promise<number | null> {
    if (this.inHand.size === MAX_IN_HAND) return null;
    return nextDueAt(this.options.pool, this.leftOut());
  }

  private take(delivery: ClaimedDelivery): void {
    const done = this.deliver(delivery).finally(() => {
      this.inHand.delete(delivery.id);
      this.lookout.wake();
    });
    this.inHand.set(delivery.id, { workflowId: delivery.workflowId, done });
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const { pool, log } = this.options;
    const fields = { delivery_id: delivery.id, workflow_id: delivery.workflowId, attempt: delivery.attempt };
    try {
      const result = await this.attempt(delivery);
      // It was sent: forgotten, it would be sent again.
      await patiently(
        () => settleAttempt(pool, delivery, result, this.clock.now()),
        () => this.abort.signal.aborted,
      );
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
    // Each attempt counts when it is taken: one that ends the process was never settled, and is not taken for ever.
    if (attempt > (this.options.retrySeconds ?? RETRY_SECONDS).length + 1) {
      return { status: "failed", retryMs: null, ...unanswered, error: "the process ended while it was sent" };
    }
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

  private leftOut(): LeftOut {
    const counts = new Map<number, number>();
    for (const { workflowId } of this.inHand.values()) counts.set(workflowId, (counts.get(workflowId) ?? 0) + 1);
    const busy = [...counts].filter(([, count]) => count >= MAX_PER_WORKFLOW);
    return { workflowIds: busy.map(([workflowId]) => workflowId), ids: [...this.inHand.keys()] };
  }

  private prune(): void {
    const { pool, log } = this.options;
    pruneSettled(pool, RETENTION_DAYS, PRUNE_SIZE, this.clock.now())
      .catch((error: unknown) => {
        log("warning", "Could not remove old webhook deliveries", { error: String(error) });
        return 0;
      })
      .then((removed) => {
        if (this.stopped) return;
        const more = removed === PRUNE_SIZE;
        this.pruneTimer = setTimeout(() => this.prune(), more ? TROUBLE_MS : PRUNE_INTERVAL_MS).unref();
      });
  }
}
