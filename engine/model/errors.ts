/**
 * The one vocabulary of error codes. GraphQL sends it as `userErrors.code`, REST as `error_code`.
 * A code is stable: clients branch on it.
 */
export const errorCodes = {
  VALIDATION_FAILED: "The input breaks a rule; `issues` names each path.",
  WORKFLOW_CONFIG_REQUIRED: "A workflow needs a non-empty workflow_config with steps.",
  INVALID_CRON: "The cron expression cannot be read.",
  NOT_FOUND: "No such address.",
  TEMPLATE_NOT_FOUND: "No such template.",
  WORKFLOW_NOT_FOUND: "No such workflow, or it was deleted.",
  EXECUTION_NOT_FOUND: "No such execution.",
  STEP_NOT_FOUND: "No such step.",
  FILE_NOT_FOUND: "No such file, or it was deleted.",
  SCHEDULE_NOT_FOUND: "No such schedule.",
  SAGA_NOT_FOUND: "No such saga.",
  SAGA_TYPE_NOT_FOUND: "No such saga type.",
  VERSION_CONFLICT: "The stream of events is not at the expected version.",
  API_KEY_NOT_FOUND: "No such API key.",
  DELIVERY_NOT_FOUND: "No such webhook delivery, or it is past its retention.",
  HOOK_NOT_FOUND: "No such hook, or it is disabled.",
  SIGNATURE_INVALID: "The call of a hook is not signed with the hook's secret.",
  TIMESTAMP_REFUSED: "The signed timestamp of a hook's call is outside its replay window.",
  NAME_TAKEN: "Another workflow or template of this tenant has the name.",
  WORKFLOW_NOT_EXECUTABLE: "The workflow is disabled or not active.",
  IDEMPOTENCY_CONFLICT: "The idempotency key was used with another request body.",
  INVALID_STATE: "The execution or step is not in a state that allows this.",
  FILE_TOO_LARGE: "The file is larger than the limit.",
  FILE_QUOTA_EXCEEDED: "The tenant's files would take more than its quota.",
  FILE_TYPE_NOT_ALLOWED: "The content of the file is of a type that is not accepted.",
  RANGE_NOT_SATISFIABLE: "The range that was asked for lies beyond the file.",
  FILE_PROCESSING_FAILED: "The file cannot be read, converted or recognised.",
  FILE_PROCESSING_TIMEOUT: "The work on the file was ended at its time limit.",
  FILE_PROCESSING_BUSY: "Too much work on files of the tenant waits already: try again in a while.",
  ANSWER_TOO_LARGE: "What was asked for is more than one answer may hold: ask for less at once.",
  DESCENDANT_LIMIT:
    "What one start led to, over the whole tree of children and events, would be more executions than the limit.",
  UNAUTHENTICATED: "API key required, or invalid.",
  FORBIDDEN: "The API key lacks the scope, or the thing is built in and nobody's to change.",
  RATE_LIMITED:
    "The key has spent its budget of requests for this minute, or unknown keys came too often from its address.",
  LEASE_LOST: "Another worker took the execution over; this one must not write it any more.",
  NOT_READY: "The service is starting, stopping, or without its database: try again in a moment.",
  DATABASE_UNAVAILABLE:
    "The database is away, busy, full or read-only, and the request's time was over: try again after `Retry-After`. The message says whether something may have been stored.",
  OVERLOADED: "The service holds as much as its memory allows: try again in a moment.",
  SHUTTING_DOWN: "The process is stopping and takes no new work.",
  INTERNAL: "A fault of the service.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One broken rule: where, and what was expected there. */
export interface Issue {
  /** JSON path of the offending value, for example `workflow_config.steps[2].config.url`. */
  readonly path: string;
  readonly message: string;
}

/** Input may break rules in thousands of places; who has mended these will be told the rest. */
export const MAX_ISSUES = 100;
/** Messages and paths repeat what clients have sent. */
const MAX_CHARACTERS = 500;

/** Something the caller can understand and act on. Anything else that is thrown is a fault of ours. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  /** The input field this is about, when there is one. */
  readonly field: string | undefined;
  readonly issues: readonly Issue[];
  /** When it is worth to try again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { field?: string; issues?: readonly Issue[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.field = options.field && shortened(options.field);
    this.issues = (options.issues ?? []).map(({ path, message: own }) => ({
      path: shortened(path),
      message: shortened(own),
    }));
  }

  /** A validation failure: `issues` all at once, up to a hundred, the first ones in the message. */
  static invalid(issues: readonly Issue[]): DomainError {
    const shown = issues.slice(0, 5).map((issue) => (issue.path ? `${issue.path} ${issue.message}` : issue.message));
    const rest = issues.length - shown.length;
    const field = issues[0]?.path;
    return new DomainError("VALIDATION_FAILED", shown.join("; ") + (rest > 0 ? ` (and ${rest} more)` : ""), {
      issues: issues.slice(0, MAX_ISSUES),
      ...(field ? { field } : {}),
    });
  }
}

export function answerTooLarge(): DomainError {
  return new DomainError("ANSWER_TOO_LARGE", "More than one answer may hold: ask for fewer at once");
}

/** As much of a text as is repeated to whoever sent it. */
export function shortened(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
