/** Loaded when it is asked for: a service without Redis carries nothing of it. */
export const loadRedis = () => import("./connection.ts");
export { withLimit } from "./with-limit.ts";
