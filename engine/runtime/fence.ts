import { channel } from "node:diagnostics_channel";

/** A fault of a listener that something from outside set going. */
export interface FencedFault {
  /** What was listened to: `upgrade`, `bus message`. */
  readonly listener: string;
  readonly error: unknown;
}

const faults = channel("stepwire:fenced-fault");

/**
 * The one fence around listeners that no framework calls: of sockets, messages, timers, child processes. A fault in one
 * would end the process; fenced, it costs what the listener was called for, which `lose` gives up, and is told to whoever
 * watches. Where nobody does, in a test say, it stays what it is: nothing is swallowed.
 */
export function fenced<A extends unknown[]>(
  name: string,
  listener: (...args: A) => unknown,
  lose: (...args: A) => void = nothing,
): (...args: A) => void {
  return (...args) => {
    try {
      const result = listener(...args);
      // A listener may take as long as a subscription lasts: what it was called with is not kept for that without need.
      if (result instanceof Promise) watch(result, name, lose, lose.length === 0 ? none : args);
    } catch (error) {
      contain(name, lose, error, args);
    }
  };
}

const none: readonly never[] = [];
function nothing(): void {}

function watch(result: Promise<unknown>, name: string, lose: (...args: never) => void, args: readonly unknown[]): void {
  result.catch((error: unknown) => contain(name, lose, error, args));
}

function contain(name: string, lose: (...args: never) => void, error: unknown, args: readonly unknown[]): void {
  if (!faults.hasSubscribers) throw error;
  faults.publish({ listener: name, error } satisfies FencedFault);
  lose(...(args as never));
}

/** Calls `told` with each fault that a fence contains, in this process. Returns what ends the watch. */
export function watchFaults(told: (fault: FencedFault) => void): () => void {
  const listener = (fault: unknown): void => told(fault as FencedFault);
  faults.subscribe(listener);
  return () => void faults.unsubscribe(listener);
}
