/**
 * Named points of an execution's way through the engine, for the crash tests: at each, a process may die.
 * - `claim`: an execution is taken over in Postgres.
 * - `effect`: a step touches the outside world.
 * - `commit`: a flush is sent, and Postgres has committed it but nobody here has acted on that.
 * - `publish`: events that are stored go to the bus.
 */
export const probePoints = [
  "claim.before",
  "claim.after",
  "effect.before",
  "effect.after",
  "commit.before",
  "commit.after",
  "publish.before",
  "publish.after",
] as const;

export type ProbePoint = (typeof probePoints)[number];

export type Probe = (point: ProbePoint) => void;
