import { MEMORY_CHECK_MS } from "./limits.ts";

const BYTES_PER_MIB = 1024 * 1024;

/**
 * Aborts when the process has grown by more than this since the start of the watch. Coarse on purpose: V8 limits a thread's
 * heap exactly, but the buffers beside it are counted for the process only, and they are where a hostile file swells.
 */
export function watchMemory(maxGrowthMiB: number): { readonly signal: AbortSignal; stop(): void } {
  const limit = process.memoryUsage.rss() + maxGrowthMiB * BYTES_PER_MIB;
  const exceeded = new AbortController();
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() > limit) exceeded.abort();
  }, MEMORY_CHECK_MS);
  return { signal: exceeded.signal, stop: () => clearInterval(timer) };
}
