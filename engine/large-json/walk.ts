/**
 * What must be known of JSON from outside before anything walks it by recursion: whether it has more levels of lists and
 * objects, and whether it has keys that reach prototypes when they are assigned. Level by level, without recursion.
 */
export function walkLevels(value: unknown, maxLevels: number): { isDeep: boolean; isPoisoned: boolean } {
  let isPoisoned = false;
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxLevels) return { isDeep: true, isPoisoned };
    const next: object[] = [];
    for (const container of level) {
      if (!Array.isArray(container)) isPoisoned ||= reachesPrototype(container);
      for (const member of Object.values(container)) if (isContainer(member)) next.push(member);
    }
    level = next;
  }
  return { isDeep: false, isPoisoned };
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The keys that Fastify's own parser refuses. */
function reachesPrototype(object: object): boolean {
  if (Object.hasOwn(object, "__proto__")) return true;
  const made = Object.hasOwn(object, "constructor") ? (object as { constructor: unknown }).constructor : null;
  return isContainer(made) && Object.hasOwn(made, "prototype");
}
