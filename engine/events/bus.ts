/**
 * Carries hints: what was committed, what changed. A message may be lost; whoever must not miss one reads Postgres
 * again. Messages of one channel arrive in the order in which they were published.
 */
export interface Bus {
  publish(channel: string, message: unknown): void;
  /** Resolves when the broker has acknowledged: every message that is published after that arrives. */
  subscribe(channel: string, listener: (message: unknown) => void): Promise<Subscription>;
  close(): Promise<void>;
}

export interface Subscription {
  unsubscribe(): void;
}

export const channels = {
  execution: (id: number): string => `execution:${id}`,
  workflow: (id: number): string => `workflow:${id}`,
  tenant: (id: string): string => `tenant:${id}`,
  /** A workflow was changed: caches drop what they hold of it. */
  workflowChanged: "workflow-changed",
  /** An API key was revoked or given an end: caches drop it. Carries the hash. */
  keyChanged: "key-changed",
} as const;
