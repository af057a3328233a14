import { nearestName } from "../expression/index.ts";
import type { Issue } from "../model/index.ts";

export interface GraphStep {
  readonly name: string;
  /** As in the source; undefined: the step before. */
  readonly dependsOn: readonly string[] | undefined;
  readonly path: string;
}

/** Names to indices, with an issue for each name that is unknown, listed twice, or part of a cycle. */
export function linkSteps(steps: readonly GraphStep[], issues: Issue[]): readonly (readonly number[])[] {
  const indexOf = new Map(steps.map(({ name }, index) => [name, index]));
  const links = steps.map(({ dependsOn, path }, index) => {
    if (dependsOn === undefined) return index === 0 ? [] : [index - 1];
    const found = new Set<number>();
    for (const [position, name] of dependsOn.entries()) {
      const target = indexOf.get(name);
      const at = `${path}.depends_on[${position}]`;
      if (target === undefined) {
        issues.push({
          path: at,
          message: `names no step of this definition${suggest(name, indexOf.keys(), issues.length)}`,
        });
      } else if (found.has(target)) {
        issues.push({ path: at, message: "is listed twice" });
      } else {
        found.add(target);
      }
    }
    return [...found];
  });
  const cycle = findCycle(links);
  if (cycle) {
    const names = [...cycle, cycle[0]!].map((index) => steps[index]!.name).join(" → ");
    const implicit = cycle.some((index) => steps[index]!.dependsOn === undefined)
      ? " (a step without depends_on depends on the one before it)"
      : "";
    const declared = cycle.find((index) => steps[index]!.dependsOn !== undefined) ?? cycle[0]!;
    issues.push({ path: `${steps[declared]!.path}.depends_on`, message: `makes a cycle: ${names}${implicit}` });
  }
  return links;
}

/** `found`: problems of the same input before this one. */
export function suggest(name: string, candidates: Iterable<string>, found: number): string {
  const near = nearestName(name, candidates, found);
  return near === null ? "" : `; did you mean ${near}?`;
}

/** One cycle, each step followed by one that it depends on; null when there is none. */
function findCycle(links: readonly (readonly number[])[]): readonly number[] | null {
  const state = new Uint8Array(links.length);
  const trail: number[] = [];

  function visit(index: number): readonly number[] | null {
    if (state[index] === 2) return null;
    if (state[index] === 1) return trail.slice(trail.indexOf(index));
    state[index] = 1;
    trail.push(index);
    for (const next of links[index]!) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    trail.pop();
    state[index] = 2;
    return null;
  }

  for (const index of links.keys()) {
    const cycle = visit(index);
    if (cycle) return cycle;
  }
  return null;
}

const WORD_BITS = 32;

/** A set of steps, one bit for each. */
export class StepSet {
  private readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array(Math.ceil(size / WORD_BITS));
  }

  has(index: number): boolean {
    return ((this.words[Math.floor(index / WORD_BITS)]! >>> (index % WORD_BITS)) & 1) === 1;
  }

  get size(): number {
    let size = 0;
    for (let index = 0; index < this.words.length * WORD_BITS; index++) if (this.has(index)) size++;
    return size;
  }

  add(index: number): void {
    this.words[Math.floor(index / WORD_BITS)]! |= 1 << (index % WORD_BITS);
  }

  addAll({ words }: StepSet): void {
    for (let i = 0; i < words.length; i++) this.words[i]! |= words[i]!;
  }
}

/**
 * For each step, which steps have settled before it starts. Needs links without a cycle. Bits, as there may be a million
 * links between a thousand steps: with a byte for each step, 60,000 links took half a second.
 */
export function findAncestors(links: readonly (readonly number[])[]): readonly StepSet[] {
  const ancestors: StepSet[] = [];

  function visit(index: number): StepSet {
    const known = ancestors[index];
    if (known) return known;
    const row = new StepSet(links.length);
    ancestors[index] = row;
    for (const link of links[index]!) {
      // What is before it is in already when another link led through it.
      if (row.has(link)) continue;
      row.add(link);
      row.addAll(visit(link));
    }
    return row;
  }

  for (const index of links.keys()) visit(index);
  return ancestors;
}
