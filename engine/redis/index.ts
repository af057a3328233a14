export { closeRedis, connectRedis, failFast, redisReady } from "./connection.ts";
export { withLimit } from "./with-limit.ts";
