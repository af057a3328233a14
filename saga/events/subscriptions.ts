import type pg from "pg";
import { type Columns, hasValues, type JsonObject } from "../../engine/index.ts";
import { isFailureOfHandler } from "./cause.ts";
import type { Carried, Consume } from "./consumer.ts";
import { type DomainEvent, toDomainEvent } from "./domain-event.ts";

const EVENTS_PER_LOOK = 500;

/** Something that a domain event starts. */
export interface EventTrigger {
  readonly kind: "workflow" | "saga";
  readonly workflowId: number;
  readonly eventType: string;
  /** Values, by dotted path, that the event's data must have. */
  readonly match: JsonObject | null;
}

/** A step that waits for an event. */
interface WaitingStep {
  readonly stepId: number;
  readonly executionId: number;
  readonly wait: { readonly event: string; readonly correlation: string | null; readonly match?: JsonObject };
}

export interface SubscriptionDeps {
  /** Starts what the event triggers; the same event gives the same execution. */
  start(trigger: EventTrigger, event: DomainEvent): Promise<void>;
  /** Asked before each start. 0: the tenant may start one; otherwise after so many ms. */
  restBeforeStart(tenantId: string): Promise<number>;
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
    consume: async (client, tenantId, position) => {
      const { types, last } = await typesAfter(client, tenantId, position);
      const [triggers, waiting] = await Promise.all([
        readTriggers(client, tenantId),
        readWaiting(client, tenantId, types),
      ]);
      const wanted = new Set([...triggers.map((t) => t.eventType), ...waiting.map((w) => w.wait.event)]);
      const heard = types.filter((type) => wanted.has(type));
      if (heard.length === 0) return { position: last };
      const executions: number[] = [];
      let carried: Carried = { position: last };
      for (const event of await readEvents(client, tenantId, position, last, heard)) {
        // Before its signals: what is started is so once however often it is tried, and a signal is sent with the cursor.
        const restMs = await startAll(
          triggers.filter((trigger) => isTriggered(trigger, event)),
          event,
        );
        if (restMs > 0) {
          carried = { position: event.position - 1, restMs };
          break;
        }
        const receivers = waiting.filter((step) => isFor(step, event));
        await sendSignals(client, receivers, event);
        executions.push(...receivers.map((step) => step.executionId));
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

function isFor({ wait }: WaitingStep, event: DomainEvent): boolean {
  if (wait.event !== event.type || (wait.match && !hasValues(event.data, wait.match))) return false;
  return wait.correlation === null || wait.correlation === event.correlationId;
}

/** A workflow is not started by what its own executions do, nor a handler of failures by another's: it would never end. */
function isTriggered({ eventType, match, workflowId }: EventTrigger, event: DomainEvent): boolean {
  if (eventType !== event.type || event.metadata.workflow_id === workflowId || isFailureOfHandler(event)) return false;
  return match === null || hasValues(event.data, match);
}

async function typesAfter(client: pg.ClientBase, tenantId: string, position: number) {
  const { rows } = await client.query<{ type: string; last: number }>({
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
  client: pg.ClientBase,
  tenantId: string,
  position: number,
  last: number,
  types: readonly string[],
): Promise<DomainEvent[]> {
  const { rows } = await client.query<Columns>({
    name: "subscription-events",
    text: `SELECT * FROM domain_event
           WHERE tenant_id = $1::text AND position > $2::bigint AND position <= $3::bigint AND type = ANY($4::text[])
           ORDER BY position`,
    values: [tenantId, position, last, types],
  });
  return rows.map(toDomainEvent);
}

/** Plan: "workflow_event_trigger", and the tenant's saga types. */
async function readTriggers(client: pg.ClientBase, tenantId: string): Promise<EventTrigger[]> {
  const { rows } = await client.query<Columns>({
    name: "subscription-triggers",
    text: `SELECT 'workflow' AS kind, id AS workflow_id,
             coalesce(trigger_config->>'event_type', trigger_config->>'event') AS event_type, trigger_config->'match' AS match
           FROM workflow
           WHERE tenant_id = $1::text AND trigger_config->>'type' = 'event' AND status = 'active' AND is_enabled
             AND coalesce(trigger_config->>'enabled', 'true') <> 'false'
           UNION ALL
           SELECT 'saga', workflow_id, trigger_event, document->'trigger'->'match' FROM saga_type
           WHERE tenant_id = $1::text AND trigger_event IS NOT NULL`,
    values: [tenantId],
  });
  return rows
    .filter((row) => typeof row.event_type === "string")
    .map((row) => ({
      kind: row.kind as EventTrigger["kind"],
      workflowId: row.workflow_id as number,
      eventType: row.event_type as string,
      match: (row.match ?? null) as JsonObject | null,
    }));
}

/** Plan: "execution_step_wait". */
async function readWaiting(client: pg.ClientBase, tenantId: string, types: readonly string[]): Promise<WaitingStep[]> {
  const { rows } = await client.query<Columns>({
    name: "subscription-waiting",
    text: `SELECT id, execution_id, wait FROM execution_step
           WHERE status = 'waiting' AND wait_key = ANY($1::text[]) ORDER BY id`,
    values: [types.map((type) => `${tenantId}:${type}`)],
  });
  return rows.map((row) => ({
    stepId: row.id as number,
    executionId: row.execution_id as number,
    wait: row.wait as WaitingStep["wait"],
  }));
}

async function sendSignals(client: pg.ClientBase, steps: readonly WaitingStep[], event: DomainEvent): Promise<void> {
  if (steps.length === 0) return;
  const signal = (step: WaitingStep) =>
    JSON.stringify({
      kind: "event",
      event: event.type,
      correlation: event.correlationId,
      step_id: step.stepId,
      data: event.data,
      position: event.position,
    });
  await client.query({
    name: "subscription-signal",
    text: `INSERT INTO execution_signal (execution_id, data)
           SELECT * FROM unnest($1::bigint[], $2::json[])`,
    values: [steps.map((step) => step.executionId), steps.map(signal)],
  });
}
