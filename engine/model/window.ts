/**
 * A stretch of a list that is ordered by a unique whole number (id, order, seq). `after` and `before` are such
 * numbers, in the list's own order: after 7 in a list of falling ids comes 6.
 */
export interface Window {
  readonly limit: number;
  readonly after: number | null;
  readonly before: number | null;
  /** Takes the last `limit` of what is between, not the first. */
  readonly fromEnd: boolean;
}

export interface Page<T> {
  /** In the list's order. */
  readonly items: readonly T[];
  /** There are more beyond the end from which `limit` did not count. */
  readonly hasMore: boolean;
}

/** The numbers strictly between which to read, and in which direction, so that LIMIT cuts the right end. */
export function idRange(
  { after, before, fromEnd }: Window,
  order: "ASC" | "DESC",
): { lower: number; upper: number; direction: "ASC" | "DESC" } {
  const [low, high] = order === "ASC" ? [after, before] : [before, after];
  const opposite = order === "ASC" ? "DESC" : "ASC";
  return { lower: low ?? 0, upper: high ?? Number.MAX_SAFE_INTEGER, direction: fromEnd ? opposite : order };
}

/** From one row more than `limit`, read in the direction of `idRange`. */
export function pageOf<T>(rows: readonly T[], { limit, fromEnd }: Window): Page<T> {
  const items = rows.slice(0, limit);
  return { items: fromEnd ? items.reverse() : items, hasMore: rows.length > limit };
}

/** A page of each owner's, in the list's order. */
export function pagesOf<K, T>(
  lists: ReadonlyMap<K, T[]>,
  window: Window,
  compare: (a: T, b: T) => number,
): Map<K, Page<T>> {
  return new Map([...lists].map(([key, items]) => [key, pageOf(items.sort(compare), window)]));
}
