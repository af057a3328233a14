import { type Actor, DomainError, type RateLimiter } from "../engine/index.ts";

/**
 * Executions that one point pays for where many are asked for at once: 1,000 take the whole minute's budget of `execution`. One at
 * a time they cost a point each; what is saved is what the requests around them cost.
 */
const EXECUTIONS_PER_POINT = 5;
/** To look at them, and no more, is reading. */
const LOOKED_AT_PER_POINT = 100;

interface BulkInput {
  readonly limit: number;
  readonly dryRun: boolean;
}

/** The one table of root fields that do many things at once: how many points a call takes, by its input. */
const bulkFields: Readonly<Record<string, (input: BulkInput) => number>> = {
  cancelExecutions: pointsOfBatch,
  retryExecutions: pointsOfBatch,
  deleteExecutions: pointsOfBatch,
};

/** 1 for a field that does one thing. What it cannot tell from the arguments is charged where it is known: see `chargeBulk`. */
export function bulkPoints(field: string, args: Readonly<Record<string, unknown>>): number {
  const points = bulkFields[field]?.(args.input as BulkInput) ?? 1;
  return Number.isFinite(points) ? Math.max(1, points) : 1;
}

export function isBulk(field: string): boolean {
  return field in bulkFields;
}

function pointsOfBatch({ limit, dryRun }: BulkInput): number {
  return Math.ceil(limit / (dryRun ? LOOKED_AT_PER_POINT : EXECUTIONS_PER_POINT));
}

/** For what turns out to be many: takes the points beyond the one that was taken before. @throws DomainError RATE_LIMITED */
export async function chargeBulk(rateLimiter: RateLimiter, { keyId }: Actor, executions: number): Promise<void> {
  const points = Math.ceil(executions / EXECUTIONS_PER_POINT) - 1;
  if (points <= 0) return;
  const { allowed, tightest } = await rateLimiter.consume(String(keyId), new Map([["execution", points]]));
  if (allowed) return;
  const message = `Rate limit exceeded: ${executions} executions at once take ${points + 1} of ${tightest.limit} points per minute`;
  throw new DomainError("RATE_LIMITED", message, { retryAfterSeconds: tightest.retryAfterSeconds });
}
