import { DomainError } from "../../engine/index.ts";

/** What an id's prefix says. Once published, a prefix never changes: clients store ids. */
const kinds = {
  Workflow: { prefix: "wf", max: 2 ** 31 - 1 },
  Execution: { prefix: "ex", max: Number.MAX_SAFE_INTEGER },
  Step: { prefix: "st", max: Number.MAX_SAFE_INTEGER },
  Template: { prefix: "tpl", max: 2 ** 31 - 1 },
  File: { prefix: "file", max: 2 ** 31 - 1 },
  ApiKey: { prefix: "key", max: 2 ** 31 - 1 },
  Schedule: { prefix: "sch", max: 2 ** 31 - 1 },
  Hook: { prefix: "hook", max: 2 ** 31 - 1 },
  WebhookDelivery: { prefix: "whd", max: Number.MAX_SAFE_INTEGER },
  AuditEntry: { prefix: "aud", max: Number.MAX_SAFE_INTEGER },
} as const;

export type NodeKind = keyof typeof kinds;

export function toNodeId(kind: NodeKind, databaseId: number): string {
  return `${kinds[kind].prefix}_${databaseId}`;
}

/** Takes the integer of the REST API as well: the argument says what it is the id of. */
export function fromNodeId(kind: NodeKind, id: string, field: string): number {
  const { prefix, max } = kinds[kind];
  const digits = id.startsWith(`${prefix}_`) ? id.slice(prefix.length + 1) : id;
  const databaseId = /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : Number.NaN;
  if (databaseId <= max) return databaseId;
  throw DomainError.invalid([{ path: field, message: `must be an id of type ${kind}, such as ${prefix}_12` }]);
}

/** For `node(id)`, which takes any kind; null when the prefix is none of ours. */
export function parseNodeId(id: string): { kind: NodeKind; databaseId: number } | null {
  const kind = (Object.keys(kinds) as NodeKind[]).find((name) => id.startsWith(`${kinds[name].prefix}_`));
  return kind === undefined ? null : { kind, databaseId: fromNodeId(kind, id, "id") };
}
