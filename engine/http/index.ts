export {
  createHttpClient,
  DEFAULT_TIMEOUT_SECONDS,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpResponse,
  MAX_TIMEOUT_SECONDS,
} from "./client.ts";
export type { Resolve } from "./guarded-pool.ts";
export { MAX_RESPONSE_BYTES } from "./limits.ts";
export { redirectStatuses } from "./redirect.ts";
export { type BodyFields, bodyFields, bodyText } from "./response-body.ts";
export { isRetryableStatus, retryAfterOf, statusError } from "./status-error.ts";
