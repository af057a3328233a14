/** How long one turn of the event loop held this thread at most, in milliseconds of its own CPU time: load beside it is not in it. */
export async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let last = process.threadCpuUsage();
  let longest = 0;
  const look = (): void => {
    const used = process.threadCpuUsage(last);
    longest = Math.max(longest, (used.user + used.system) / 1_000);
    last = process.threadCpuUsage();
  };
  const timer = setInterval(look, 1);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
    look();
    return longest;
  } finally {
    clearInterval(timer);
  }
}
