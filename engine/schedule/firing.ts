import type pg from "pg";
import type { ExecutionService } from "../execution/index.ts";
import { DomainError } from "../model/index.ts";
import { type ClaimedSchedule, type ScheduleChange, unfinishedAmong } from "../store/index.ts";
import { dueAt } from "./due.ts";
import { startScheduled } from "./start.ts";

/** Of a catch-up: how many starts are under way at once. */
const STARTS_AT_ONCE = 20;

export interface FiringDeps {
  readonly pool: pg.Pool;
  readonly executions: Pick<ExecutionService, "start" | "cancel">;
}

/**
 * Starts what a claimed schedule has to start at `now` and says how its row goes on. Throws when Postgres, or this
 * process, is in the way: then the row stays as it is, and the same times are tried again under the same keys.
 */
export async function fire(deps: FiringDeps, schedule: ClaimedSchedule, now: Date): Promise<ScheduleChange> {
  const firing = new Firing(deps, schedule, await unfinishedAmong(deps.pool, schedule.activeExecutionIds));
  const { nextAt } = schedule;
  if (firing.queued && firing.active.length === 0) await firing.startQueued(firing.queued);
  const isDue = nextAt !== null && nextAt <= now;
  const due = isDue ? dueAt(schedule, nextAt, now) : null;
  if (due) {
    if (due.leftOut) firing.note = `${due.leftOut.toISOString()} was missed: no scheduler ran then`;
    if (due.catchUp) await firing.startAll(due.times);
    else for (const time of due.times) await firing.startUnlessActive(time);
  }
  return {
    id: schedule.id,
    claimedAt: nextAt,
    nextAt: due ? due.nextAt : nextAt,
    lastAt: firing.lastAt,
    lastError: firing.note,
    queuedAt: firing.queued,
    activeExecutionIds: firing.active,
  };
}

class Firing {
  note: string | null = null;
  lastAt: Date | null = null;
  queued: Date | null;
  active: number[];

  constructor(
    private readonly deps: FiringDeps,
    private readonly schedule: ClaimedSchedule,
    unfinished: ReadonlySet<number>,
  ) {
    this.queued = schedule.queuedAt;
    this.active = [...unfinished];
  }

  async startQueued(time: Date): Promise<void> {
    this.queued = null;
    await this.start(time);
  }

  async startAll(times: readonly Date[]): Promise<void> {
    for (let i = 0; i < times.length; i += STARTS_AT_ONCE) {
      await Promise.all(times.slice(i, i + STARTS_AT_ONCE).map((time) => this.start(time)));
    }
  }

  async startUnlessActive(time: Date): Promise<void> {
    if (this.active.length === 0) return this.start(time);
    const { overlap } = this.schedule.policies;
    if (overlap === "queue" && !this.queued) this.queued = time;
    else if (overlap === "cancel") {
      await Promise.all(this.active.map((id) => this.cancel(id, time)));
      await this.start(time);
    } else {
      const waiting = this.queued ? ", and another time waits for it" : "";
      this.note = `${time.toISOString()} was left out: execution ${this.active[0]} is not over${waiting}`;
    }
  }

  private async start(time: Date): Promise<void> {
    try {
      const execution = await startScheduled(this.deps.executions, this.schedule, time);
      this.active.push(execution.id);
      if (!this.lastAt || this.lastAt < time) this.lastAt = time;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      // The time was fired, before the schedule's trigger data changed: fired is fired.
      if (error.code === "IDEMPOTENCY_CONFLICT") return;
      this.note = `${time.toISOString()} was left out: ${error.message}`;
    }
  }

  private async cancel(executionId: number, time: Date): Promise<void> {
    const reason = `The schedule's next time, ${time.toISOString()}, has come`;
    try {
      await this.deps.executions.cancel(this.schedule.tenantId, executionId, { compensate: true, reason });
    } catch (error) {
      // It ended meanwhile, or is being undone already.
      if (!isAnswer(error)) throw error;
    }
  }
}

/** Trying again would give the same. */
function isAnswer(error: unknown): error is DomainError {
  return (
    error instanceof DomainError &&
    !["SHUTTING_DOWN", "DATABASE_UNAVAILABLE", "INTERNAL", "LEASE_LOST"].includes(error.code)
  );
}
