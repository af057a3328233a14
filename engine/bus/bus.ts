import type { TenantId } from "../model/index.ts";
/**
 * Carries hints: what was committed, what changed. A message may be lost; whoever must not miss one reads Postgres
 * again. Messages of one channel that one process publishes arrive in that order.
 */
export interface Bus {
  /** Neither waits nor throws: what the broker cannot take is dropped, and listeners hear of a gap. */
  publish(channel: string, message: unknown): void;
  /**
   * Resolves when the broker has acknowledged: of every message that is published after that, the listener hears,
   * or of a gap. While the broker cannot be reached it resolves without, and tells a gap later: after two seconds, or at
   * once when the broker was waited for in vain before.
   *
   * `gap` means that messages may have been lost, or may be lost soon: read Postgres again.
   */
  subscribe(channel: string, listener: (message: unknown) => void, gap?: () => void): Promise<Subscription>;
  /** Messages that came and were none of ours. Absent: nobody else can send any. */
  readonly refused?: number;
  /** Whether messages travel at the moment. Absent: nothing can keep them from it. */
  readonly isConnected?: boolean;
  close(): Promise<void>;
}

export interface Subscription {
  unsubscribe(): void;
}

export const channels = {
  /** Each event of the execution; null when it was removed: read Postgres again. */
  execution: (id: number): string => `execution:${id}`,
  /** Each change of status of the workflow's executions. */
  workflow: (id: number): string => `workflow:${id}`,
  /** The same of all of the tenant's. */
  tenant: (id: TenantId): string => `tenant:${id}`,
  /** A workflow was changed: caches drop what they hold of it. */
  workflowChanged: "workflow-changed",
  /** An execution can make progress: from a process without a worker to the one that has it. Carries its id. */
  executionRunnable: "execution-runnable",
  /** A row for the workers of files or webhooks was made: from a process without the worker role. Carries nothing. */
  workAdded: "work-added",
  /** A schedule was made or changed: the message is its next time, ms since the epoch. */
  scheduleChanged: "schedule-changed",
  /** An API key was revoked or given an end: caches drop it. Carries the hash. */
  keyChanged: "key-changed",
  /** Flushes of a journal were committed: what follows the journal looks at its notes. */
  journal: "journal",
  /** Domain events of a tenant were stored: the message is the last position. */
  domainEvents: (tenantId: TenantId): string => `domain-events:${tenantId}`,
  /** A saga type was registered: caches drop what they hold of its tenant. */
  sagaTypeChanged: "saga-type-changed",
} as const;
