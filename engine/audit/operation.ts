import { AsyncLocalStorage } from "node:async_hooks";
import { DomainError, type ErrorCode, type JsonValue, type TenantId, unavailable } from "../model/index.ts";
import type { AuditLog, AuditRecord } from "./audit-log.ts";

/** Who asks. */
export interface Requester {
  /** Null: nobody that is known. */
  readonly tenantId: TenantId | null;
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
  /** What it set going may go on: that is the service's own work. */
  ended: boolean;
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
  const operation: Operation = { requester, log, entries: [], noted: false, ended: false };
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
    operation.ended = true;
    await Promise.all(operation.entries);
  }
}

/** Whether somebody asks for what is being done: the service's own work leaves no entries. */
export function isAudited(): boolean {
  return current() !== undefined;
}

/** Work that a request may have set going, and that nobody asked for in it: what an event starts. */
export function asService<T>(work: () => T): T {
  return operations.exit(work);
}

/** `awaited` false: the request is answered without waiting for the entry. */
export function noteOutcome(outcome: Outcome, awaited: boolean): void {
  const operation = current();
  if (!operation) return;
  operation.noted = true;
  record(operation, outcome, awaited);
}

/** It has turned out who asks: whoever calls a hook comes without a key. */
export function identify(requester: Omit<Requester, "correlationId">): void {
  const operation = current();
  if (operation) operation.requester = { ...operation.requester, ...requester };
}

function current(): Operation | undefined {
  const operation = operations.getStore();
  return operation?.ended ? undefined : operation;
}

export function refusalCode(error: unknown): ErrorCode {
  return (unavailable(error) ?? (error instanceof DomainError ? error : null))?.code ?? "INTERNAL";
}

function record({ log, requester, entries }: Operation, outcome: Outcome, awaited = true): void {
  const { action, target, before, after, refused } = outcome;
  const entry = log.record({ ...requester, action, target, before, after, refused }, awaited);
  if (awaited) entries.push(entry);
}
