import type pg from "pg";
import type { FieldTexts, TenantId } from "../model/index.ts";
import type { Clock } from "../runtime/index.ts";
import {
  countActive,
  countWorkflows,
  type ExecutionTotals,
  type FiguresOfAllTenants,
  readFiguresOfAllTenants,
  totalsOfWorkflows,
  totalsSince,
} from "../store/index.ts";

const DAY_MS = 86_400_000;
const EVER = new Date(0);
/** Asked often by dashboards, and never needed to the second. */
const CACHE_MS = 2_000;
/** How far is counted what has no tally. */
const MAX_COUNTED = 10_000;

const counted = `counted to ${MAX_COUNTED.toLocaleString("en")}`;

/** What the figures count, as both faces tell it. */
export const statisticsTexts = {
  workflows: `Workflows that are not deleted, ${counted}.`,
  active_workflows: "Of those: active and enabled.",
  active_executions: `Executions that are not over yet, paused ones among them, ${counted}.`,
  executions: "Since the beginning.",
  last_day: "Of the last 24 hours, and what has gone of this one.",
} satisfies FieldTexts;

export const totalsTexts = {
  started: "Executions that were started.",
  completed: "Executions that completed.",
  failed: "Executions that failed or timed out.",
  success_rate: "Percent of those that completed or failed, 0 to 100, to one decimal",
} satisfies FieldTexts;

/** Figures of a tenant; `statisticsTexts` say what they count. */
export interface Statistics {
  readonly workflows: number;
  readonly activeWorkflows: number;
  readonly activeExecutions: number;
  readonly executions: ExecutionTotals;
  readonly lastDay: ExecutionTotals;
}

export class StatisticsService {
  private readonly cache = new Map<TenantId, { until: number; value: Promise<Statistics> }>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  /** At most two seconds old. */
  summary(tenantId: TenantId): Promise<Statistics> {
    const now = this.clock.now();
    const known = this.cache.get(tenantId);
    if (known && known.until > now) return known.value;
    for (const [tenant, { until }] of this.cache) if (until <= now) this.cache.delete(tenant);
    const value = this.read(tenantId, now);
    this.cache.set(tenantId, { until: now + CACHE_MS, value });
    value.catch(() => this.cache.delete(tenantId));
    return value;
  }

  /** Of each of the tenant's workflows that has ever been executed. */
  ofWorkflows(tenantId: TenantId, workflowIds: readonly number[]): Promise<Map<number, ExecutionTotals>> {
    return totalsOfWorkflows(this.pool, tenantId, workflowIds);
  }

  private async read(tenantId: TenantId, now: number): Promise<Statistics> {
    const [workflows, activeExecutions, executions, lastDay] = await Promise.all([
      countWorkflows(this.pool, tenantId, MAX_COUNTED),
      countActive(this.pool, tenantId, MAX_COUNTED),
      totalsSince(this.pool, tenantId, EVER),
      totalsSince(this.pool, tenantId, new Date(now - DAY_MS)),
    ]);
    return { workflows: workflows.total, activeWorkflows: workflows.active, activeExecutions, executions, lastDay };
  }
}

/**
 * What the operator sees of the whole service, at most two seconds old: of all tenants together, so nothing that a request of a
 * tenant may be answered with.
 */
export function figuresOfAllTenants(pool: pg.Pool, clock: Pick<Clock, "now">): () => Promise<FiguresOfAllTenants> {
  let until = 0;
  let last: Promise<FiguresOfAllTenants>;
  return () => {
    const now = clock.now();
    if (now >= until) {
      until = now + CACHE_MS;
      last = readFiguresOfAllTenants(pool, new Date(now - DAY_MS), MAX_COUNTED);
      last.catch(() => {
        until = 0;
      });
    }
    return last;
  };
}

/** Percent of those that succeeded or failed, to one decimal; `whenNone` while there are none. */
export function successRate(
  { completed, failed }: Pick<ExecutionTotals, "completed" | "failed">,
  whenNone: number,
): number {
  const over = completed + failed;
  return over === 0 ? whenNone : Math.round((completed / over) * 1_000) / 10;
}
