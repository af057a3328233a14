import type { Config } from "../config.ts";
import type { Shutdown } from "../shutdown.ts";
import type { Tracing } from "./tracing.ts";

/** The last spans, to a receiver that may be away. */
const flushLimitMs = 2_000;

/** Null, and nothing of OpenTelemetry is loaded, unless an endpoint is set. */
export async function startTracing(config: Config, shutdown: Shutdown): Promise<Tracing | null> {
  if (config.otlpEndpoint === undefined) return null;
  const { Tracing } = await import("./tracing.ts");
  const tracing = new Tracing(config.otlpEndpoint, config.otelServiceName);
  shutdown.register("traces", flushLimitMs, () => tracing.stop());
  return tracing;
}
