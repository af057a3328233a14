import type { Bound } from "../../engine/index.ts";
import { valuesWorth } from "../../schema/index.ts";

/** A definition and trigger data may have 1 MiB each as compact JSON; clients send them indented and escaped as well. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/**
 * Bounds of a document, on every transport. Validation compares fields pairwise: a hostile document of this size takes it
 * 30 ms, one of twice as many tokens 90 ms. The introspection of GraphiQL and code generators has 163.
 */
export const documentLimits = {
  /** Words, names, numbers, strings and punctuation, without commas. */
  tokens: 1_000,
  /** Levels of fields; fragments add none. */
  depth: 12,
  /** Fields under another name than their own, fragments counted wherever they are spread. */
  aliases: 30,
  /** Uses of directives. */
  directives: 50,
  /** Objects that an answer may have at most: 20 executions with 100 steps each are 2,041. */
  cost: 10_000,
} as const;

/** Levels of objects and lists in variables. A definition may have 32, and what walks it has a stack. */
export const MAX_VARIABLE_LEVELS = 100;

/** Variables that have more cost more than any operation may. */
const maxVariableValues = valuesWorth(documentLimits.cost);

/** Beyond it variables are not even built. */
export function boundOfVariables(...path: Bound["path"]): Bound {
  return { path, levels: MAX_VARIABLE_LEVELS, values: maxVariableValues };
}

/** Source text of the documents that are kept parsed and validated. A parsed one takes many times its text. */
export const CACHED_DOCUMENT_CHARACTERS = 512 * 1024;

/** What one key may keep open. */
export interface LiveLimits {
  /** WebSockets and event streams of one key, at this port of this process. */
  readonly connectionsPerKey: number;
  /** Operations of one WebSocket at a time. */
  readonly operationsPerSocket: number;
}

export const defaultLiveLimits: LiveLimits = { connectionsPerKey: 2_000, operationsPerSocket: 200 };

/** What may wait for a connection before its subscriptions are held back, besides what the system buffers. */
export const MAX_UNSENT_BYTES = 256 * 1024;
