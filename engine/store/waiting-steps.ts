import type { TenantId, Wait } from "../model/index.ts";
import type { Queries } from "./room-database.ts";

/** A step that waits for an event. */
export interface WaitingStep {
  readonly stepId: number;
  readonly executionId: number;
  readonly wait: Wait & { readonly kind: "event" };
}

/** How the steps that wait for an event are found. */
export function waitKey(tenantId: TenantId, event: string): string {
  return `${tenantId}:${event}`;
}

/** Those that wait for one of these events, whatever else they ask of it. Plan: "execution_step_wait". */
export async function readWaitingFor(
  queries: Queries,
  tenantId: TenantId,
  events: readonly string[],
): Promise<WaitingStep[]> {
  const { rows } = await queries.query<WaitingStep>({
    name: "read-waiting-for",
    text: `SELECT id AS "stepId", execution_id AS "executionId", wait FROM execution_step
           WHERE status = 'waiting' AND wait_key = ANY($1::text[]) ORDER BY id`,
    values: [events.map((event) => waitKey(tenantId, event))],
  });
  return rows;
}
