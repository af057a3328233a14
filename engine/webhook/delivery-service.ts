import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import {
  type DeliveryStatus,
  DomainError,
  idRange,
  type Page,
  pageOf,
  type TenantId,
  type Window,
} from "../model/index.ts";
import type { Clock } from "../runtime/index.ts";
import { WebhookDeliveryEntity, type WebhookDeliveryRow } from "../store/index.ts";

export type WebhookDelivery = WebhookDeliveryRow;

export interface DeliveryFilter {
  readonly workflowId?: number;
  readonly executionId?: number;
  readonly statuses?: readonly DeliveryStatus[];
}

/** What was sent to whom, and what came back. Settled deliveries are kept for 30 days. */
export class DeliveryService {
  constructor(
    private readonly deps: {
      readonly em: () => EntityManager;
      readonly pool: pg.Pool;
      /** Tells the deliverer that something is due. */
      readonly wake: () => void;
      readonly clock: Pick<Clock, "now">;
    },
  ) {}

  /** Newest first. Plan: the index of the filter, such as "webhook_delivery_execution". */
  async list(tenantId: TenantId, filter: DeliveryFilter, window: Window): Promise<Page<WebhookDelivery>> {
    const { lower, upper, direction } = idRange(window, "DESC");
    const rows = await this.deps
      .em()
      .find(
        WebhookDeliveryEntity,
        { ...wanted(tenantId, filter), id: { $gt: lower, $lt: upper } },
        { orderBy: { id: direction }, limit: window.limit + 1 },
      );
    return pageOf(rows, window);
  }

  count(tenantId: TenantId, filter: DeliveryFilter): Promise<number> {
    return this.deps.em().count(WebhookDeliveryEntity, wanted(tenantId, filter));
  }

  async byIds(tenantId: TenantId, ids: readonly number[]): Promise<Map<number, WebhookDelivery>> {
    const rows = await this.deps.em().find(WebhookDeliveryEntity, { tenantId, id: { $in: [...ids] } });
    return new Map(rows.map((row) => [row.id, row]));
  }

  async get(tenantId: TenantId, id: number): Promise<WebhookDelivery> {
    const delivery = await this.deps.em().findOne(WebhookDeliveryEntity, { id, tenantId });
    if (!delivery) throw notFound();
    return delivery;
  }

  /**
   * Sends a message again, under its old id, to the same target. A settled delivery stays as it is, and a new one is made;
   * one that still waits for its next attempt gets it now.
   */
  async resend(tenantId: TenantId, id: number): Promise<WebhookDelivery> {
    const { rows } = await this.deps.pool.query<{ id: number }>(
      `WITH hurried AS (
         UPDATE webhook_delivery SET due_at = $3::timestamptz
         WHERE id = $1::bigint AND tenant_id = $2::text AND status = 'pending' RETURNING id
       ), repeated AS (
         INSERT INTO webhook_delivery (message_id, tenant_id, workflow_id, workflow_version, execution_id, event_type,
           target, url, payload, status, attempt, due_at, created_at, resent_from_id)
         SELECT message_id, tenant_id, workflow_id, workflow_version, execution_id, event_type,
           target, url, payload, 'pending', 0, $3::timestamptz, $3::timestamptz, id
         FROM webhook_delivery
         WHERE id = $1::bigint AND tenant_id = $2::text AND status <> 'pending' RETURNING id
       )
       SELECT id FROM hurried UNION ALL SELECT id FROM repeated`,
      [id, tenantId, new Date(this.deps.clock.now())],
    );
    if (!rows[0]) throw notFound();
    this.deps.wake();
    return this.get(tenantId, rows[0].id);
  }
}

/** A filter that was left out must not look for null. */
function wanted(tenantId: TenantId, { workflowId, executionId, statuses }: DeliveryFilter) {
  return {
    tenantId,
    ...(workflowId !== undefined && { workflowId }),
    ...(executionId !== undefined && { executionId }),
    ...(statuses !== undefined && { status: { $in: [...statuses] } }),
  };
}

function notFound(): DomainError {
  return new DomainError("DELIVERY_NOT_FOUND", "Webhook delivery not found", { field: "webhook_delivery_id" });
}
