import { StepError } from "../model/index.ts";

const MAX_SHOWN_PATH_CHARS = 200;

/** Faults of what was asked for: they come back the same however often it is tried. */
const requestFaults: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

/** How a request is named in messages: never its query, credentials or headers, which may hold secrets. */
export function describeRequest(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname.slice(0, MAX_SHOWN_PATH_CHARS)}`;
}

export function responseTooLarge(maxBytes: number): StepError {
  return new StepError("RESPONSE_TOO_LARGE", `the response is larger than ${maxBytes} bytes`, { retryable: false });
}

export function requestInvalid(message: string): StepError {
  return new StepError("CONFIG_INVALID", message, { retryable: false });
}

export function requestTimedOut(timeoutSeconds: number): StepError {
  return new StepError("TIMEOUT", `no complete response within ${timeoutSeconds} s`);
}

/** Turns whatever an exchange failed with into a StepError that names the request. */
export function toStepError(error: unknown, request: string): StepError {
  if (error instanceof StepError) {
    return new StepError(error.code, `${request}: ${error.message}`, {
      retryable: error.retryable,
      ...(error.details ? { details: error.details } : {}),
      ...(error.cause === undefined ? {} : { cause: error.cause }),
    });
  }
  const code = causeCode(error);
  if (requestFaults.has(code)) {
    return requestInvalid(`${request}: the request cannot be sent (${(error as Error).message})`);
  }
  return new StepError("HTTP_FAILED", `${request}: no valid response (${code})`, {
    details: { cause: code },
    cause: error,
  });
}

function causeCode(error: unknown): string {
  // When every address of a name was tried in vain, Node gives one error that holds the others.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const code = (first as { code?: unknown } | null)?.code;
  if (typeof code === "string") return code;
  // undici's parser errors have no code for what is not HTTP at all.
  return first instanceof Error && first.name !== "Error" ? first.name : "UNKNOWN";
}
