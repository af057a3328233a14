import type { Config } from "./config/index.ts";
import type { Shutdown } from "./shutdown.ts";
import { openTracing, type Tracing } from "./tracing/index.ts";

/** The last spans, to a receiver that may be away. */
const FLUSH_LIMIT_MS = 2_000;

/** Null unless an endpoint is set. */
export async function startTracing(config: Config, shutdown: Shutdown): Promise<Tracing | null> {
  if (config.otlpEndpoint === undefined) return null;
  const tracing = await openTracing(config.otlpEndpoint, config.otelServiceName);
  shutdown.register("traces", FLUSH_LIMIT_MS, () => tracing.stop());
  return tracing;
}
