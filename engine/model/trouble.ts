import { DomainError } from "./errors.ts";

/** What kind of error a store's is: it decides who mends it, and whether the same again may succeed. */
export type Trouble =
  /** The statement or its values: the same again fails again. */
  | "data"
  /** With another transaction: the same again may succeed at once. */
  | "conflict"
  /** Locked, slow, or out of connections. */
  | "busy"
  /** Not reached, or lost. */
  | "away"
  /** It reads and does not write: a standby, or a database made read-only. */
  | "read-only"
  /** Out of disk or memory. */
  | "full";

/** By the longest prefix of the SQLSTATE; one that is not here is a fault of ours. */
const bySqlState: Readonly<Record<string, Trouble>> = {
  "08": "away",
  "0A": "data",
  "21": "data",
  "22": "data",
  "23": "data",
  "25006": "read-only",
  // idle_in_transaction_session_timeout, and its newer sibling.
  "25P03": "away",
  "25P04": "away",
  "28": "away",
  "3D": "away",
  "40": "conflict",
  "42": "data",
  "44": "data",
  "53": "busy",
  "53100": "full",
  "53200": "full",
  "54": "data",
  "55": "busy",
  "57": "away",
  // Ended by its own limit, or by an operator.
  "57014": "busy",
  "58": "away",
  XX: "away",
};

/** What Redis begins its refusals with. */
const byRedisWord: Readonly<Record<string, Trouble>> = {
  LOADING: "busy",
  BUSY: "busy",
  TRYAGAIN: "busy",
  CLUSTERDOWN: "away",
  MASTERDOWN: "away",
  NOAUTH: "away",
  WRONGPASS: "away",
  READONLY: "read-only",
  MISCONF: "read-only",
  OOM: "full",
  WRONGTYPE: "data",
  ERR: "data",
};
const redisIsAway =
  /^(Connection is closed\.|Stream isn't writeable|Reached the max retries per request limit|Command timed out)/;

/** No word of Postgres itself: the connection was not made, was lost, or the time for the answer was over. */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
  /** An own property: it is what is left when the ORM has wrapped the error. */
  readonly connection: "away" | "busy";
  /** Whether the statement had been sent, so that nobody knows what became of it. */
  readonly wasSent: boolean;

  constructor(message: string, connection: "away" | "busy", wasSent: boolean, cause?: unknown) {
    super(message, { cause });
    this.connection = connection;
    this.wasSent = wasSent;
  }
}

/** Null: it is not a store's error, or none that anybody knows. */
export function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof Error) || error instanceof DomainError) return null;
  const { connection, code } = error as { connection?: unknown; code?: unknown };
  if (connection === "away" || connection === "busy") return connection;
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
    return bySqlState[code] ?? bySqlState[code.slice(0, 2)] ?? null;
  }
  if (redisIsAway.test(error.message)) return "away";
  return error.name === "ReplyError" ? (byRedisWord[error.message.split(" ", 1)[0]!] ?? null) : null;
}

/** Whether it passes: who can wait may ask again, and the same will do. */
export function isPassing(error: unknown): boolean {
  const trouble = troubleOf(error);
  return trouble !== null && trouble !== "data";
}

export const troubleWords: Readonly<Record<Exclude<Trouble, "data">, string>> = {
  conflict: "The request met another that changes the same",
  busy: "The database did not answer in time",
  away: "The database cannot be reached",
  "read-only": "The database takes no changes at the moment",
  full: "The database has no room left",
};

/** What a client is told who asks again later. */
export const RETRY_AFTER_SECONDS = 2;

/** `message` says what is known of the request's fate. */
export function databaseUnavailable(message: string, cause?: unknown): DomainError {
  return new DomainError("DATABASE_UNAVAILABLE", message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
}

/** What a client may know of a store's passing trouble; of another error null. */
export function unavailable(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error.code === "DATABASE_UNAVAILABLE" ? error : null;
  const trouble = troubleOf(error);
  if (trouble === null || trouble === "data") return null;
  const fate = (error as Partial<ConnectionError>).wasSent
    ? "whether the request was carried out is not known"
    : "nothing of this request's was stored by the statement that failed";
  return databaseUnavailable(`${troubleWords[trouble]}; ${fate}. Try again in a moment`, error);
}
