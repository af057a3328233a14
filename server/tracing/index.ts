export { openTracing } from "./open-tracing.ts";
export { currentTrace, type OperationTrace, traceparentIn, withTrace } from "./request-trace.ts";
export { traceRequests } from "./trace-requests.ts";
export type { Tracing } from "./tracing.ts";
