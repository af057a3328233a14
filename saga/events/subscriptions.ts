import {
  broadcast,
  type Columns,
  type EventTrigger,
  hasValues,
  type Queries,
  readEventTriggers,
  readWaitingFor,
  type TenantId,
} from "../../engine/index.ts";
import { isFailureOfHandler } from "./cause.ts";
import type { Carried, Consume } from "./consumer.ts";
import { type DomainEvent, toDomainEvent } from "./domain-event.ts";

const EVENTS_PER_LOOK = 500;

export interface SubscriptionDeps {
  /** Starts what the event triggers; the same event gives the same execution. */
  start(trigger: EventTrigger, event: DomainEvent): Promise<void>;
  /** Asked before each start. 0: the tenant may start one; otherwise after so many ms. */
  restBeforeStart(tenantId: TenantId): Promise<number>;
  /** Executions that were left a signal, after the commit. */
  signalled(executionIds: readonly number[]): void;
}

/** Brings events to the steps that wait for them and to what they start: each once for each subscription. */
export function subscriptions({ start, restBeforeStart, signalled }: SubscriptionDeps): {
  consume: Consume;
  committed: () => void;
} {
  let woken: number[] = [];
  /** 0: all are started; otherwise the tenant has to wait so many ms before the next. */
  const startAll = async (triggered: readonly EventTrigger[], event: DomainEvent): Promise<number> => {
    for (const trigger of triggered) {
      const restMs = await restBeforeStart(event.tenantId);
      if (restMs > 0) return restMs;
      await start(trigger, event);
    }
    return 0;
  };
  return {
    consume: async (tx, tenantId, position) => {
      const { types, last } = await typesAfter(tx, tenantId, position);
      const [triggers, waiting] = await Promise.all([
        readEventTriggers(tx, tenantId),
        readWaitingFor(tx, tenantId, types),
      ]);
      const wanted = new Set([...triggers.map((t) => t.eventType), ...waiting.map((w) => w.wait.event)]);
      const heard = types.filter((type) => wanted.has(type));
      if (heard.length === 0) return { position: last };
      const executions: number[] = [];
      let carried: Carried = { position: last };
      for (const event of await readEvents(tx, tenantId, position, last, heard)) {
        // Before its signals: what is started is so once however often it is tried, and a signal is sent with the cursor.
        const restMs = await startAll(
          triggers.filter((trigger) => isTriggered(trigger, event)),
          event,
        );
        if (restMs > 0) {
          carried = { position: event.position - 1, restMs };
          break;
        }
        const { type, correlationId, data, position } = event;
        executions.push(...(await broadcast(tx, waiting, { event: type, correlation: correlationId, data, position })));
      }
      woken.push(...executions);
      return carried;
    },
    committed: () => {
      const ids = [...new Set(woken)];
      woken = [];
      if (ids.length > 0) signalled(ids);
    },
  };
}

/** A workflow is not started by what its own executions do, nor a handler of failures by another's: it would never end. */
function isTriggered({ eventType, match, workflowId }: EventTrigger, event: DomainEvent): boolean {
  if (eventType !== event.type || event.metadata.workflow_id === workflowId || isFailureOfHandler(event)) return false;
  return match === null || hasValues(event.data, match);
}

async function typesAfter(tx: Queries, tenantId: TenantId, position: number) {
  const { rows } = await tx.query<{ type: string; last: number }>({
    name: "subscription-types",
    text: `SELECT type, max(position) AS last FROM (
             SELECT type, position FROM domain_event
             WHERE tenant_id = $1::text AND position > $2::bigint ORDER BY position LIMIT $3::int
           ) AS next GROUP BY type`,
    values: [tenantId, position, EVENTS_PER_LOOK],
  });
  return { types: rows.map((row) => row.type), last: Math.max(position, ...rows.map((row) => row.last)) };
}

async function readEvents(
  tx: Queries,
  tenantId: TenantId,
  position: number,
  last: number,
  types: readonly string[],
): Promise<DomainEvent[]> {
  const { rows } = await tx.query<Columns>({
    name: "subscription-events",
    text: `SELECT * FROM domain_event
           WHERE tenant_id = $1::text AND position > $2::bigint AND position <= $3::bigint AND type = ANY($4::text[])
           ORDER BY position`,
    values: [tenantId, position, last, types],
  });
  return rows.map(toDomainEvent);
}
