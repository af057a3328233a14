export { type Config, readConfig } from "./config.ts";
export { createLogger, type Logger } from "./log.ts";
export { codeOf, StartupError, startupFailureText } from "./startup-error.ts";
