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
interface AuditedRequest {
  requester: Requester;
  readonly log: AuditLog;
  readonly entries: Promise<void>[];
  noted: boolean;
  /** What it set going may go on: that is the service's own work. */
  ended: boolean;
}

const requests = new AsyncLocalStorage<AuditedRequest>();

/**
 * Works on a request that changes something, for whoever asks, and leaves at least one entry: those that the services
 * note on the way (see `audited`), or else one of the request itself. Waits until they are stored.
 */
export async function auditedRequest<T>(
  log: AuditLog,
  requester: Requester,
  call: { readonly action: string; readonly asked: () => JsonValue },
  work: () => Promise<T>,
  /** Of a face that answers refusals instead of throwing them. */
  refusalOf: (result: T) => ErrorCode | null = () => null,
): Promise<T> {
  const request: AuditedRequest = { requester, log, entries: [], noted: false, ended: false };
  const own = (refused: ErrorCode | null) => {
    if (!request.noted) record(request, { ...call, target: null, before: null, after: call.asked(), refused });
  };
  try {
    const result = await requests.run(request, work);
    own(refusalOf(result));
    return result;
  } catch (error) {
    own(refusalCode(error));
    throw error;
  } finally {
    request.ended = true;
    await Promise.all(request.entries);
  }
}

/** Whether somebody asks for what is being done: the service's own work leaves no entries. */
export function isAudited(): boolean {
  return current() !== undefined;
}

/** Work that a request may have set going, and that nobody asked for in it: what an event starts. */
export function asService<T>(work: () => T): T {
  return requests.exit(work);
}

/** `awaited` false: the request is answered without waiting for the entry. */
export function noteOutcome(outcome: Outcome, awaited: boolean): void {
  const request = current();
  if (!request) return;
  request.noted = true;
  record(request, outcome, awaited);
}

/** It has turned out who asks: whoever calls a hook comes without a key. */
export function identify(requester: Omit<Requester, "correlationId">): void {
  const request = current();
  if (request) request.requester = { ...request.requester, ...requester };
}

function current(): AuditedRequest | undefined {
  const request = requests.getStore();
  return request?.ended ? undefined : request;
}

export function refusalCode(error: unknown): ErrorCode {
  return (unavailable(error) ?? (error instanceof DomainError ? error : null))?.code ?? "INTERNAL";
}

function record({ log, requester, entries }: AuditedRequest, outcome: Outcome, awaited = true): void {
  const { action, target, before, after, refused } = outcome;
  const entry = log.record({ ...requester, action, target, before, after, refused }, awaited);
  if (awaited) entries.push(entry);
}
