export {
  createHttpClient,
  DEFAULT_TIMEOUT_SECONDS,
  type HttpClient,
  type HttpResponse,
  MAX_TIMEOUT_SECONDS,
} from "./client.ts";

export { redirectStatuses } from "./redirect.ts";
export { type BodyFields, bodyFields, bodyText } from "./response-body.ts";
export { retryAfterOf, statusError } from "./status-error.ts";
