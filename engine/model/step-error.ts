/**
 * Why an attempt of a step failed. The codes are stable: `retry.only_on` in a definition names them.
 */
export const stepErrorCodes = {
  CONFIG_INVALID: "The config, after its placeholders were filled in, breaks the step type's schema.",
  EXPRESSION_FAILED: "A placeholder or condition could not be evaluated.",
  VARIABLE_MISSING: "A placeholder names a variable that does not exist.",
  HTTP_STATUS: "The remote answered with a status that is not expected.",
  HTTP_FAILED: "No answer: connection refused, reset, TLS or protocol failure.",
  ADDRESS_REFUSED: "The address is private, loopback or otherwise not allowed.",
  RESPONSE_TOO_LARGE: "The answer is larger than the limit.",
  TIMEOUT: "The attempt took longer than timeout_seconds.",
  FILE_INVALID: "The file does not satisfy the step's rules.",
  FILE_NOT_FOUND: "The file does not exist.",
  FILE_PROCESSING_FAILED: "The file cannot be read, converted or recognised.",
  NOTIFICATION_FAILED: "The notification could not be delivered.",
  EVENT_TIMEOUT: "The awaited event or approval did not come in time.",
  APPROVAL_REJECTED: "The approval was refused.",
  CHILD_FAILED: "The child execution did not complete.",
  ITEM_FAILED: "An item of for_each failed.",
  OUTPUT_INVALID: "The step returned something that JSON cannot carry, or that is too large.",
  CANCELLED: "The execution was cancelled while the attempt ran.",
  INTERRUPTED: "The process stopped while the attempt ran; its outcome is unknown.",
  POISONED: "The process ended at least three times while the attempt ran, the last time with nothing else in hand.",
  EXECUTION_TOO_LARGE: "With the step's input or output the execution would hold more data than the limit.",
  DESCENDANT_LIMIT:
    "What one start led to, over the whole tree of children and events, would be more executions than the limit.",
  BUDGET_SPENT:
    "The tenant's workflows have started as many executions as they may in a minute; the step waits for the next, whatever its retry policy says.",
  STEP_FAILED: "Any other failure of the step's own work.",
} as const;

export type StepErrorCode = keyof typeof stepErrorCodes;

export class StepError extends Error {
  override readonly name = "StepError";
  readonly code: StepErrorCode;
  /** False when trying again cannot help (bad config, a 4xx): the step then fails at once. */
  readonly retryable: boolean;
  /** The remote asked to wait this long (Retry-After). */
  readonly retryAfterMs: number | undefined;
  /** Small facts a person needs to mend it, for example `{ status_code: 404 }`. Stored and shown, secrets masked. */
  readonly details: Readonly<Record<string, string | number | boolean>> | undefined;

  constructor(
    code: StepErrorCode,
    message: string,
    options: {
      retryable?: boolean;
      retryAfterMs?: number;
      details?: Readonly<Record<string, string | number | boolean>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? true;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}
