import { AsyncLocalStorage } from "node:async_hooks";
import { DomainError, type ErrorCode } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { AuditLog, AuditRecord } from "./audit-log.ts";

/** Who asks. */
export interface Requester {
  /** Null: nobody that is known. */
  readonly tenantId: string | null;
  /** `key:12`, `hook:3`, `cli`, `anonymous`. */
  readonly actor: string;
  readonly correlationId: string | null;
}

/** What becomes of one request, as an entry says it. */
export type Outcome = Pick<AuditRecord, "action" | "target" | "before" | "after" | "refused">;

/** A request that changes something, while it is being worked on. */
interface Operation {
  requester: Requester;
  readonly log: AuditLog;
  readonly entries: Promise<void>[];
  noted: boolean;
}

const operations = new AsyncLocalStorage<Operation>();

/**
 * Works on a request that changes something, for whoever asks, and leaves at least one entry: those that the services
 * note on the way (see `audited`), or else one of the request itself. Waits until they are stored.
 */
export async function auditedOperation<T>(
  log: AuditLog,
  requester: Requester,
  request: { readonly action: string; readonly asked: () => JsonValue },
  work: () => Promise<T>,
  /** Of a face that answers refusals instead of throwing them. */
  refusalOf: (result: T) => ErrorCode | null = () => null,
): Promise<T> {
  const operation: Operation = { requester, log, entries: [], noted: false };
  const own = (refused: ErrorCode | null) => {
    if (!operation.noted)
      record(operation, { ...request, target: null, before: null, after: request.asked(), refused });
  };
  try {
    const result = await operations.run(operation, work);
    own(refusalOf(result));
    return result;
  } catch (error) {
    own(refusalCode(error));
    throw error;
  } finally {
    await Promise.all(operation.entries);
  }
}

/** Whether somebody asks for what is being done: the service's own work leaves no entries. */
export function isAudited(): boolean {
  return operations.getStore() !== undefined;
}

/** `awaited` false: the request is answered without waiting for the entry. */
export function noteOutcome(outcome: Outcome, awaited: boolean): void {
  const operation = operations.getStore();
  if (!operation) return;
  operation.noted = true;
  record(operation, outcome, awaited);
}

/** It has turned out who asks: whoever calls a hook comes without a key. */
export function identify(requester: Omit<Requester, "correlationId">): void {
  const operation = operations.getStore();
  if (operation) operation.requester = { ...operation.requester, ...requester };
}

export function refusalCode(error: unknown): ErrorCode {
  return error instanceof DomainError ? error.code : "INTERNAL";
}

function record({ log, requester, entries }: Operation, outcome: Outcome, awaited = true): void {
  const { action, target, before, after, refused } = outcome;
  const entry = log.record({ ...requester, action, target, before, after, refused }, awaited);
  if (awaited) entries.push(entry);
}
