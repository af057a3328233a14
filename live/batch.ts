/** What the operation gives for one item, serialised. */
export interface Result {
  readonly position: number;
  readonly json: string;
}

/** Consecutive results. What a transport makes of them is made once, for all who get them. */
export class Batch {
  readonly chars: number;
  private encodings: Map<string, unknown> | null = null;

  /** At least one. */
  constructor(readonly results: readonly Result[]) {
    this.chars = results.reduce((sum, { json }) => sum + json.length, 0);
  }

  get last(): number {
    return this.results.at(-1)!.position;
  }

  /** The part after a position, which is before the last. */
  after(position: number): Batch {
    if (position < this.results[0]!.position) return this;
    return new Batch(this.results.filter((result) => result.position > position));
  }

  /** The same name always with the same function. */
  encoded<T>(name: string, encode: (results: readonly Result[]) => T): T {
    this.encodings ??= new Map();
    let encoding = this.encodings.get(name) as T | undefined;
    if (encoding === undefined) {
      encoding = encode(this.results);
      this.encodings.set(name, encoding);
    }
    return encoding;
  }

  /** Most have got it: for who comes later they are made again. */
  forgetEncodings(): void {
    this.encodings = null;
  }
}

/** Batches of up to so many results and characters; a longer result is one of its own. */
export function batchesOf(results: readonly Result[], maxResults: number, maxChars: number): Batch[] {
  const batches: Batch[] = [];
  let gathered: Result[] = [];
  let chars = 0;
  for (const result of results) {
    if (gathered.length === maxResults || (gathered.length > 0 && chars + result.json.length > maxChars)) {
      batches.push(new Batch(gathered));
      gathered = [];
      chars = 0;
    }
    gathered.push(result);
    chars += result.json.length;
  }
  if (gathered.length > 0) batches.push(new Batch(gathered));
  return batches;
}
