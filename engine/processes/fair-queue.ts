/**
 * What waits, by owner: owners take turns, and what one has put in keeps its order. A thousand jobs of one tenant hold up
 * the single one of another by one job.
 */
export class FairQueue<T> {
  /** In the order of their turns; an owner without anything that waits is not here. */
  private readonly waiting = new Map<string, T[]>();

  add(owner: string, item: T): void {
    const own = this.waiting.get(owner);
    if (own) own.push(item);
    else this.waiting.set(owner, [item]);
  }

  /** The first item of the owner whose turn it is, among those that have room for one more. */
  take(freeOf: (owner: string) => number): T | undefined {
    for (const [owner, own] of this.waiting) {
      if (freeOf(owner) <= 0) continue;
      const item = own.shift();
      // To the end of the turns.
      this.waiting.delete(owner);
      if (own.length > 0) this.waiting.set(owner, own);
      return item;
    }
    return undefined;
  }

  /** How many could be taken now. */
  ready(freeOf: (owner: string) => number): number {
    let count = 0;
    for (const [owner, own] of this.waiting) count += Math.min(own.length, Math.max(freeOf(owner), 0));
    return count;
  }

  remove(owner: string, item: T): void {
    const own = this.waiting.get(owner);
    const at = own?.indexOf(item) ?? -1;
    if (!own || at < 0) return;
    own.splice(at, 1);
    if (own.length === 0) this.waiting.delete(owner);
  }

  sizeOf(owner: string): number {
    return this.waiting.get(owner)?.length ?? 0;
  }

  /** All that waits, which it then holds no more. */
  drain(): T[] {
    const all = [...this.waiting.values()].flat();
    this.waiting.clear();
    return all;
  }
}
