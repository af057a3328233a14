/** Anything longer is no typing mistake: to compare two names takes as long as the product of their lengths. */
const MAX_CHARACTERS = 64;
/** There may be thousands of unknown names and of candidates in one input; who has so many to mend needs no more help. */
const MAX_SUGGESTIONS = 20;

/**
 * The candidate that a mistyped name most likely means, or null when none is near. `found` is the number of problems that
 * the same input had before: after the first ones nothing is looked for.
 */
export function nearestName(name: string, candidates: Iterable<string>, found: number): string | null {
  if (name.length > MAX_CHARACTERS || found >= MAX_SUGGESTIONS) return null;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits that lead from a to b: a letter added, dropped, replaced, or swapped with its neighbour. One row at a time. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const replaced = previous[column - 1]! + (isSame ? 0 : 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap ? beforePrevious[column - 2]! + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, swapped, previous[column]! + 1, current[column - 1]! + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
