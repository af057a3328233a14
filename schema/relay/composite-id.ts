import { DomainError } from "../../engine/index.ts";

/** Ids of what has no integer of its own: a part of something that has, by its number there; or a name. */
const kinds = {
  /** Workflow and number of the version: `wfv_12_3`. */
  WorkflowVersion: { prefix: "wfv", pattern: /^wfv_([1-9]\d{0,9})_([1-9]\d{0,9})$/, example: "wfv_12_3" },
  /** Execution and seq: `ev_789_4`. */
  ExecutionEvent: { prefix: "ev", pattern: /^ev_([1-9]\d{0,14})_([1-9]\d{0,9})$/, example: "ev_789_4" },
  StepType: { prefix: "type", pattern: /^type_(.+)$/, example: "type_http_request" },
} as const;

export type CompositeKind = keyof typeof kinds;

export function toCompositeId(kind: CompositeKind, ...parts: readonly (number | string)[]): string {
  return [kinds[kind].prefix, ...parts].join("_");
}

/** Null when the prefix is of another kind. @throws DomainError when the rest is no such id. */
export function parseCompositeId(id: string): { readonly kind: CompositeKind; readonly parts: string[] } | null {
  for (const [kind, { prefix, pattern, example }] of Object.entries(kinds)) {
    if (!id.startsWith(`${prefix}_`)) continue;
    const match = pattern.exec(id);
    if (match) return { kind: kind as CompositeKind, parts: match.slice(1) };
    throw DomainError.invalid([{ path: "id", message: `must be an id of type ${kind}, such as ${example}` }]);
  }
  return null;
}
