import type { Tracing } from "./tracing.ts";

/** OpenTelemetry is loaded by who exports traces, and by nobody else. `endpoint`: without `/v1/traces`. */
export async function openTracing(endpoint: string, serviceName: string): Promise<Tracing> {
  const { Tracing } = await import("./tracing.ts");
  return new Tracing(endpoint, serviceName);
}
