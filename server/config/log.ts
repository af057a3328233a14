import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.ts";

export type { Logger };

/** Headers that carry a credential, wherever a request or a reply is logged. */
const secretHeaders = ["authorization", "x-api-key", "cookie", "set-cookie", "proxy-authorization"];
const headerHolders = ["headers", "req.headers", "res.headers", "request.headers", "response.headers"];

/**
 * One JSON object a line, to stdout unless told otherwise. By Node's stream: pino's own tries to write to a pipe that nobody
 * reads for ever, when it flushes, and holds the process with it.
 */
export function createLogger(level: Config["logLevel"], destination: DestinationStream = process.stdout): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: headerHolders.flatMap((holder) => secretHeaders.map((name) => `${holder}["${name}"]`)),
      censor: "[redacted]",
    },
  };
  return pino(options, destination);
}
