import type pg from "pg";
import { type Bus, channels } from "../bus/index.ts";
import {
  DomainError,
  type ExecutionEvent,
  type ExecutionRecord,
  type ExecutionStatus,
  type TenantId,
} from "../model/index.ts";
import { patiently } from "../runtime/index.ts";
import { readExecution } from "../store/index.ts";
import type { ActivityItem } from "./activity.ts";
import { readActivity, resync } from "./activity-reader.ts";
import { readEventBatches, readEventPage } from "./event-reader.ts";
import {
  iterable,
  type LiveFeed,
  type LiveLog,
  type LiveReader,
  type LiveState,
  liveLog,
  type Positioned,
} from "./live-source.ts";
import { readSnapshots } from "./snapshot-reader.ts";

/** Null: every one. */
export interface ActivityFilter {
  readonly workflowId: number | null;
  readonly statuses: readonly ExecutionStatus[] | null;
}

interface LiveDeps {
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly workflows: {
    /** @throws DomainError WORKFLOW_NOT_FOUND when the tenant has none of this id. */
    get(tenantId: TenantId, id: number): Promise<unknown>;
  };
}

/** What can be subscribed to. Each method checks whose it is before it gives something to read from. */
export class LiveService {
  constructor(private readonly deps: LiveDeps) {}

  /** Every event of an execution after a cursor, without a gap; ends with the execution. */
  async executionEvents(tenantId: TenantId, id: number, after: number): Promise<LiveLog<ExecutionEvent>> {
    const { lastSeq: last } = await this.execution(tenantId, id);
    const open = (position: number) => positioned(readEventBatches(this.deps, id, position));
    const page = async (position: number) => {
      const { events, isLast } = await patiently(() => readEventPage(this.deps, id, position));
      return { items: events.map(at), isLast };
    };
    return liveLog({ topic: `execution-events:${id}`, last, page, open }, after);
  }

  /** The execution now and after each change, at least the newest of them; ends with the execution. */
  async executionUpdates(tenantId: TenantId, id: number): Promise<LiveState<ExecutionRecord>> {
    await this.execution(tenantId, id);
    const open = () => readSnapshots(this.deps, id);
    return { kind: "state", topic: `execution-updates:${id}`, open, ...iterable(open) };
  }

  /** Changes of status of a workflow's executions, or of all of the tenant's. Has no end. */
  async activity(tenantId: TenantId, { workflowId, statuses }: ActivityFilter): Promise<LiveFeed<ActivityItem>> {
    if (workflowId !== null) await this.deps.workflows.get(tenantId, workflowId);
    const channel = workflowId === null ? channels.tenant(tenantId) : channels.workflow(workflowId);
    const open = () => readActivity(this.deps.bus, { channel, statuses });
    const topic = `activity:${channel}:${statuses === null ? "" : [...new Set(statuses)].sort().join()}`;
    return { kind: "feed", topic, open, missed: resync, ...iterable(open) };
  }

  private async execution(tenantId: TenantId, id: number): Promise<ExecutionRecord> {
    const execution = await readExecution(this.deps.pool, id);
    if (execution?.tenantId !== tenantId) {
      throw new DomainError("EXECUTION_NOT_FOUND", "Execution not found", { field: "execution_id" });
    }
    return execution;
  }
}

function at(event: ExecutionEvent): Positioned<ExecutionEvent> {
  return { position: event.seq, value: event };
}

function positioned(batches: ReturnType<typeof readEventBatches>): LiveReader<ExecutionEvent> {
  return {
    next: async () => {
      const { value, done } = await batches.next();
      return done ? { value: undefined, done } : { value: value.map(at), done: false };
    },
    return: async () => {
      await batches.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
