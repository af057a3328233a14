import { Edge, isLoopback, Tally } from "../edge/index.ts";
import { watchFaults } from "../engine/index.ts";
import type { Config, Logger } from "./config/index.ts";
import type { Metrics } from "./metrics/index.ts";

/** Files, sockets to Postgres, Redis and others, and pipes to child processes. */
const RESERVED_DESCRIPTORS = 512;

/** The edge of this process, as the configuration wants it and the system allows; what fences contain is told from here. */
export function openEdge(config: Config, logger: Logger, metrics: Metrics): Edge {
  tellOfFaults(logger, metrics);
  const descriptors = descriptorLimit();
  const allowed = Math.max(descriptors - RESERVED_DESCRIPTORS, Math.floor(descriptors / 2));
  const maxConnections = Math.min(config.maxConnections, allowed);
  const maxConnectionsPerAddress = config.maxConnectionsPerAddress ?? Math.ceil(maxConnections / 2);
  logger.info({ descriptors, maxConnections, maxConnectionsPerAddress }, "connections are limited");
  const isChecked = isLoopback(config.host) || config.allowedHosts.length > 0;
  return new Edge(logger, {
    limits: { maxConnections, maxConnectionsPerAddress },
    trustedProxies: config.trustedProxies,
    hosts: isChecked ? new Set([config.host.toLowerCase(), ...config.allowedHosts]) : null,
    ...(config.rateLimits && { failedKeysPerMinute: config.failedKeysPerMinute }),
    observer: metrics,
  });
}

/** The first of its kind with its stack; what a stranger can repeat is counted. */
function tellOfFaults(logger: Logger, metrics: Metrics): void {
  const tally = new Tally(logger, "faults were fenced", (listener) => metrics.faultFenced(listener));
  watchFaults(({ listener, error }) => {
    if (tally.isFirst(listener)) logger.error({ err: error, listener }, "a fault was fenced");
    tally.note(listener);
  });
}

/** Node raises the soft limit to the hard one when it starts. */
function descriptorLimit(): number {
  // Otherwise the report looks up the names of all peers, and waits for that.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | "unlimited" } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Number.MAX_SAFE_INTEGER;
}
