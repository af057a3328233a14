const SEGMENT = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g;

/** `steps[2].config.headers["X-Id"]`: the JSON path of a member. A number is a position in a list. */
export function memberPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  const isPlain = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key);
  if (!isPlain) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Where a walk stands: its path is written out only for what is told of it, not for each of a hundred thousand values. */
export interface Place {
  /** Null: a member of the root. */
  readonly parent: Place | null;
  readonly key: string | number;
}

export function pathOf(root: string, place: Place | null): string {
  return place === null ? root : memberPath(pathOf(root, place.parent), place.key);
}

/** The keys and positions that `memberPath` made the path of. */
export function pathSegments(path: string): (string | number)[] {
  return [...path.matchAll(SEGMENT)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted === undefined ? name! : (JSON.parse(quoted) as string)) : Number(index),
  );
}
