import type { EventEmitter } from "node:events";
import type { Logger } from "./config/index.ts";

/** A process manager commonly kills after 30 s; the whole stop, its delay and the database included, stays below. */
const TOTAL_MS = 28_000;
/** After a fault nobody knows what is still right: what closes at once does, the rest is as after a crash. */
const FAULT_MS = 1_500;
/** npm forwards the terminal's Ctrl-C once more to its child: two signals this close are one press of the keys. */
const SAME_PRESS_MS = 500;
const EXIT_CODE_AFTER_SECOND_SIGNAL = 130;

interface Closer {
  readonly name: string;
  readonly limitMs: number;
  readonly close: () => Promise<void>;
}

export interface Shutdown {
  /** Closers run one after another, the last registered first: what was built on top goes before what it stands on. */
  register(name: string, limitMs: number, close: () => Promise<void>): void;
  /** Called at once when the stop begins, before the first closer: whether a fault of ours has brought it about. */
  onBegin(begun: (isFault: boolean) => void): void;
  /** What must be told even when there is no time left. Synchronous; it runs before every exit that skips closers. */
  onAbandon(stopNow: () => void): void;
  /** Stops the process: 0 after a signal, 1, and within two seconds, after a fault. Only the first call counts. */
  begin(reason: string, exitCode: 0 | 1): void;
  readonly started: boolean;
}

/** What of `process` is needed; a test gives its own. */
export type ProcessEvents = Pick<EventEmitter, "on"> & { exit(code: number): void };

export function installShutdown(logger: Logger, host: ProcessEvents = process): Shutdown {
  const closers: Closer[] = [];
  const abandonHooks: (() => void)[] = [];
  const beginHooks: ((isFault: boolean) => void)[] = [];
  let startedAt: number | undefined;

  function abandon(exitCode: number): void {
    for (const stopNow of abandonHooks) stopNow();
    host.exit(exitCode);
  }

  async function closeAll(exitCode: number): Promise<void> {
    let failed = false;
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      failed = !(await closeWithin(closer, logger)) || failed;
    }
    logger.info("stopped");
    if (failed) abandon(1);
    else host.exit(exitCode);
  }

  function begin(reason: string, exitCode: 0 | 1): void {
    if (startedAt !== undefined) return;
    startedAt = performance.now();
    logger.info({ reason }, "stopping");
    const limitMs = exitCode === 0 ? TOTAL_MS : FAULT_MS;
    setTimeout(() => {
      logger.error({ limitMs }, "stopping took too long");
      abandon(1);
    }, limitMs).unref();
    for (const begun of beginHooks) begun(reason === "fault");
    void closeAll(exitCode);
  }

  function onSignal(signal: string): void {
    if (startedAt === undefined) begin(signal, 0);
    else if (performance.now() - startedAt > SAME_PRESS_MS) abandon(EXIT_CODE_AFTER_SECOND_SIGNAL);
  }

  function onFault(error: unknown): void {
    logger.fatal({ err: error }, "unexpected fault");
    begin("fault", 1);
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) host.on(signal, () => onSignal(signal));
  for (const fault of ["uncaughtException", "unhandledRejection"]) host.on(fault, onFault);

  return {
    register: (name, limitMs, close) => void closers.push({ name, limitMs, close }),
    onBegin: (begun) => void beginHooks.push(begun),
    onAbandon: (stopNow) => void abandonHooks.push(stopNow),
    begin,
    get started() {
      return startedAt !== undefined;
    },
  };
}

/** Whether it closed in time. A closer that fails or hangs does not keep the others from closing. */
async function closeWithin({ name, limitMs, close }: Closer, logger: Logger): Promise<boolean> {
  const { promise: expired, resolve } = Promise.withResolvers<"expired">();
  const timer = setTimeout(resolve, limitMs, "expired");
  try {
    if ((await Promise.race([close(), expired])) !== "expired") return true;
    logger.error({ name, limitMs }, "did not close in time");
  } catch (error) {
    logger.error({ name, err: error }, "failed to close");
  } finally {
    clearTimeout(timer);
  }
  return false;
}
