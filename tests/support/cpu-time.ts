/**
 * Time that this thread has worked for, in ms: unlike a clock's, it does not pass while others have the processor.
 * For what is said about cost; nothing says how long a machine takes.
 */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The longest that this thread has worked without a turn of the event loop, while something was done. */
export async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  try {
    await work();
    // What was done last, too.
    await new Promise((resolve) => setTimeout(resolve, 10));
    return longest;
  } finally {
    clearInterval(timer);
  }
}
