export { checkCron, parseCron } from "./cron.ts";
export { isTimeZone, type LocalTime, offsetAt, resolveLocal } from "./local-time.ts";
