/** A definition and trigger data may have 1 MiB each as compact JSON; clients send them indented and escaped as well. */
export const maxRequestBytes = 4 * 1024 * 1024;

/** What one key may keep open. */
export interface LiveLimits {
  /** WebSockets and event streams of one key, at this process. */
  readonly connectionsPerKey: number;
  /** Operations of one WebSocket at a time. */
  readonly operationsPerSocket: number;
}

export const defaultLiveLimits: LiveLimits = { connectionsPerKey: 2_000, operationsPerSocket: 200 };

/** What may wait for a connection before its subscriptions are held back, besides what the system buffers. */
export const maxUnsentBytes = 256 * 1024;
