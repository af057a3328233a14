import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import { DomainError } from "../errors.ts";
import { WebhookDeliveryEntity, type WebhookDeliveryRow } from "../store/entities/webhook-delivery.ts";
import type { DeliveryStatus } from "./webhook-event.ts";

export type WebhookDelivery = WebhookDeliveryRow;

export interface DeliveryFilter {
  readonly workflowId?: number;
  readonly executionId?: number;
  readonly status?: DeliveryStatus;
}

export interface Page {
  readonly limit: number;
  /** Id of the last row of the page before. */
  readonly after?: number;
}

/** What was sent to whom, and what came back. Settled deliveries are kept for 30 days. */
export class DeliveryService {
  constructor(
    private readonly deps: {
      readonly em: () => EntityManager;
      readonly pool: pg.Pool;
      /** Tells the deliverer that something is due. */
      readonly wake: () => void;
    },
  ) {}

  /** Newest first. */
  list(tenantId: string, filter: DeliveryFilter, { limit, after }: Page): Promise<WebhookDelivery[]> {
    return this.deps.em().find(
      WebhookDeliveryEntity,
      // A filter that was left out must not look for null.
      {
        tenantId,
        ...(filter.workflowId !== undefined && { workflowId: filter.workflowId }),
        ...(filter.executionId !== undefined && { executionId: filter.executionId }),
        ...(filter.status !== undefined && { status: filter.status }),
        ...(after !== undefined && { id: { $lt: after } }),
      },
      { orderBy: { id: "desc" }, limit },
    );
  }

  async get(tenantId: string, id: number): Promise<WebhookDelivery> {
    const delivery = await this.deps.em().findOne(WebhookDeliveryEntity, { id, tenantId });
    if (!delivery) throw notFound();
    return delivery;
  }

  /**
   * Sends a message again, under its old id, to the same target. A settled delivery stays as it is, and a new one is made;
   * one that still waits for its next attempt gets it now.
   */
  async resend(tenantId: string, id: number): Promise<WebhookDelivery> {
    const { rows } = await this.deps.pool.query<{ id: number }>(
      `WITH hurried AS (
         UPDATE webhook_delivery SET due_at = now()
         WHERE id = $1::bigint AND tenant_id = $2::text AND status = 'pending' RETURNING id
       ), repeated AS (
         INSERT INTO webhook_delivery (message_id, tenant_id, workflow_id, workflow_version, execution_id, event_type,
           target, url, payload, status, attempt, due_at, created_at, resent_from_id)
         SELECT message_id, tenant_id, workflow_id, workflow_version, execution_id, event_type,
           target, url, payload, 'pending', 0, now(), now(), id
         FROM webhook_delivery
         WHERE id = $1::bigint AND tenant_id = $2::text AND status <> 'pending' RETURNING id
       )
       SELECT id FROM hurried UNION ALL SELECT id FROM repeated`,
      [id, tenantId],
    );
    if (!rows[0]) throw notFound();
    this.deps.wake();
    return this.get(tenantId, rows[0].id);
  }
}

function notFound(): DomainError {
  return new DomainError("DELIVERY_NOT_FOUND", "Webhook delivery not found", { field: "delivery_id" });
}
