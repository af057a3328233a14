import type { Batch } from "./batch.ts";

const MAX_RESULTS = 256;
const MAX_CHARS = 524_288;
/** What a group keeps is for others to join. A thousand groups with one subscriber each must not keep a thousand times that. */
const RESULTS_PER_MEMBER = 4;

/** The latest batches of a group, for who joins, or was behind for a moment. At least the newest one. */
export class Recent {
  private readonly batches: Batch[] = [];
  private results = 0;
  private chars = 0;

  /** `tail`: the position after which nothing is missing. */
  constructor(public tail: number) {}

  add(batch: Batch, members: number): void {
    this.batches.push(batch);
    this.results += batch.results.length;
    this.chars += batch.chars;
    const maxResults = Math.min(MAX_RESULTS, members * RESULTS_PER_MEMBER);
    while (this.batches.length > 1 && (this.results > maxResults || this.chars > MAX_CHARS)) {
      const oldest = this.batches.shift()!;
      this.results -= oldest.results.length;
      this.chars -= oldest.chars;
      this.tail = oldest.last;
    }
  }

  get newest(): Batch | undefined {
    return this.batches.at(-1);
  }

  /** The batch that follows a position, from there on. */
  next(position: number): Batch | undefined {
    return this.batches.find((batch) => batch.last > position)?.after(position);
  }
}
