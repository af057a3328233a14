import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { Environments, type Grants } from "../../engine/definition/environments.ts";
import { createSecretMask } from "../../engine/expression/index.ts";
import type { TenantId } from "../../engine/model/index.ts";
import { steadyClock } from "../../engine/runtime/clock.ts";
import { openDatabase } from "../../engine/store/database.ts";
import type { WebhookDeliveryRow } from "../../engine/store/entities/webhook-delivery.ts";
import { type DelivererOptions, WebhookDeliverer } from "../../engine/webhook/deliverer.ts";
import { type DeliveryFilter, DeliveryService } from "../../engine/webhook/delivery-service.ts";
import { Plans } from "../../engine/workflow/plans.ts";
import type { TestEngine } from "./engine.ts";
import { startClient } from "./test-server.ts";
import { firstOf } from "./window.ts";

const POLL_MS = 10;

export interface TestDeliverer {
  readonly deliverer: WebhookDeliverer;
  readonly deliveries: DeliveryService;
  readonly logged: string[];
  readonly pool: pg.Pool;
  /** The tenant's deliveries, oldest first, once so many match. */
  until(
    tenantId: TenantId,
    filter: DeliveryFilter,
    holds: (rows: WebhookDeliveryRow[]) => boolean,
  ): Promise<WebhookDeliveryRow[]>;
}

/** A deliverer beside an engine, with connections of its own: as if it were another process. */
export async function startDeliverer(
  context: TestContext,
  { engine, options: { databaseUrl } }: TestEngine,
  environment: Grants,
  options: Partial<DelivererOptions> = {},
): Promise<TestDeliverer> {
  const { pool, em, close } = await openDatabase(databaseUrl);
  const environments = new Environments(environment);
  const plans = new Plans(em, { stepTypes: engine.stepTypes, environments });
  const logged: string[] = [];
  const deliverer = new WebhookDeliverer({
    pool,
    http: startClient(context),
    mask: createSecretMask(environments.values()),
    targets: async (workflowId, version) => (await plans.get(workflowId, version)).definition.webhooks,
    log: (_level, message) => logged.push(message),
    ...options,
  });
  deliverer.start();
  context.after(async () => {
    await deliverer.stop(1_000);
    await close();
  });
  const deliveries = new DeliveryService({ em, pool, clock: steadyClock, wake: () => deliverer.wake() });
  return {
    deliverer,
    deliveries,
    logged,
    pool,
    until: async (tenantId, filter, holds) => {
      for (;;) {
        const rows = [...(await deliveries.list(tenantId, filter, firstOf(1_000))).items].reverse();
        if (holds(rows)) return rows;
        await sleep(POLL_MS);
      }
    },
  };
}
