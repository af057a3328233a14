import { hash, randomUUID } from "node:crypto";
import type { ExecutionRecord, ExecutionView } from "./records.ts";

/**
 * What an execution is called where other installations are, too: a UUID of version 8, the execution's number in the first
 * 48 bits and 74 random ones behind. Its saga goes by it, and is found by the number; no index serves it.
 */
const PATTERN = /^([0-9a-f]{8})-([0-9a-f]{4})-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** The random part of a UUID begins behind the digit that holds its version. */
const RANDOM_FROM = 15;
const NUMBER_DIGITS = 12;
const WITHOUT_NUMBER = "00000000-0000-8";

/** Before migration 024 an id was made from the number alone: "stepwire" in ASCII, then the number. */
const OLD_PREFIX = "73746570-7769-8265-8";
const OLD_PATTERN = /^73746570-7769-8265-8([0-9a-f]{3})-([0-9a-f]{12})$/i;

export function newUid(executionId: number): string {
  return withNumber(executionId, randomUUID());
}

/**
 * Of the child that a `workflow` step starts. Its random part follows from the parent's, so that an installation that is
 * restored from a backup, and starts the child again, calls others with the same keys. `previous`: a child of the same step
 * that cannot go on, and whose work is undone: this one's calls are no repeats of its.
 */
export function childUid(
  parent: Pick<ExecutionRecord, "uid">,
  step: string,
  previous: Pick<ExecutionRecord, "uid"> | null,
  executionId: number,
): string {
  const name = previous === null ? step : `${step}[after ${randomPart(previous.uid)}]`;
  return withNumber(executionId, uuidFromName(name, namespaceOf(parent.uid)));
}

/**
 * The same for every attempt of a unit of work, after crashes and in a restored installation, and for no other unit in the
 * world. Names of units are unique within an execution. A UUID, for that is what the strictest of remote APIs take.
 */
export function idempotencyKeyOf(
  { id, uid }: { readonly id: number; readonly uid: string },
  unit: string,
  stepId: number,
): string {
  // What was in hand when the installation was upgraded goes on under the keys that it may have sent.
  if (isOld(uid)) return `${id}-${stepId}`;
  return uuidFromName(unit, namespaceOf(uid));
}

/** The number of the execution that may have this id; null: none has. */
export function numberOf(uid: string): number | null {
  const found = OLD_PATTERN.exec(uid) ?? PATTERN.exec(uid);
  const executionId = found ? Number.parseInt(`${found[1]}${found[2]}`, 16) : 0;
  return executionId > 0 && executionId <= Number.MAX_SAFE_INTEGER ? executionId : null;
}

/** Of an execution that was stored before it had one; migration 024 has written the same. */
export function oldUid(executionId: number): string {
  const digits = executionId.toString(16).padStart(15, "0");
  return `${OLD_PREFIX}${digits.slice(0, 3)}-${digits.slice(3)}`;
}

/** What a saga goes by outside. */
export interface SagaIdentity {
  readonly id: string;
  readonly correlationId: string;
}

/** `isTyped`: it is of a registered saga type; any other execution is a saga of type `workflow_execution`. */
export function sagaIdentity(execution: ExecutionView, isTyped: boolean): SagaIdentity {
  const correlationId = isTyped
    ? (execution.correlationId ?? execution.uid)
    : workflowCorrelation(execution.workflowId, execution.id);
  return { id: execution.uid, correlationId };
}

export function workflowCorrelation(workflowId: number, executionId: number): string {
  return `workflow-${workflowId}-execution-${executionId}`;
}

/** The execution that a correlation id of that form names; null for any other. */
export function executionOfCorrelation(correlationId: string): { workflowId: number; executionId: number } | null {
  const found = /^workflow-([1-9]\d{0,9})-execution-([1-9]\d{0,14})$/.exec(correlationId);
  return found && { workflowId: Number(found[1]), executionId: Number(found[2]) };
}

/** Version 5 of RFC 9562: SHA-1 over the namespace and the name. Each step with an effect has one: a library's costs five times as much. */
function uuidFromName(name: string, namespace: string): string {
  const named = Buffer.concat([Buffer.from(namespace.replaceAll("-", ""), "hex"), Buffer.from(name)]);
  const digits = hash("sha1", named);
  const variant = "89ab"[Number.parseInt(digits[16]!, 16) & 3];
  const groups = [digits.slice(0, 8), digits.slice(8, 12), `5${digits.slice(13, 16)}`, variant + digits.slice(17, 20)];
  return `${groups.join("-")}-${digits.slice(20, 32)}`;
}

function withNumber(executionId: number, uuid: string): string {
  const digits = executionId.toString(16).padStart(NUMBER_DIGITS, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-8${uuid.slice(RANDOM_FROM)}`;
}

function randomPart(uid: string): string {
  return uid.slice(RANDOM_FROM);
}

/** Without the number, which another installation, or this one restored, gives out again. */
function namespaceOf(uid: string): string {
  return isOld(uid) ? uid : WITHOUT_NUMBER + randomPart(uid);
}

function isOld(uid: string): boolean {
  return uid.startsWith(OLD_PREFIX);
}
