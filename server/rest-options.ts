import type { RestOptions } from "../web-compat/index.ts";
import type { Config } from "./config/index.ts";
import type { Metrics } from "./metrics/index.ts";
import type { Shutdown } from "./shutdown.ts";

/** What the REST face shows of this process, as the configuration wants it. */
export function restOptions(
  config: Config,
  { registry }: Metrics,
  shutdown: Shutdown,
): Pick<RestOptions, "probesOnly" | "readiness" | "sagaOrchestrator" | "metrics"> {
  const metrics = {
    access: config.metrics === "open" ? "open" : "admin",
    contentType: registry.contentType,
    read: () => registry.metrics(),
  } as const;
  return {
    probesOnly: !config.roles.includes("api"),
    readiness: () => (shutdown.started ? "stopping" : "ready"),
    sagaOrchestrator: () => (config.roles.includes("saga") ? true : null),
    ...(config.metrics === "off" ? {} : { metrics }),
  };
}
