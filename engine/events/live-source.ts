import { DomainError } from "../model/index.ts";

/** Something that subscribers are shown, and where it stands in its topic: positions only grow. */
export interface Positioned<T> {
  readonly position: number;
  readonly value: T;
}

/** Items in batches, as they come; ends when nothing more can come. */
export interface LiveReader<T> extends AsyncIterableIterator<readonly Positioned<T>[]> {
  return(): Promise<IteratorResult<readonly Positioned<T>[], undefined>>;
  /** Of a state: gives the present one again, for a subscriber that has none yet. */
  refresh?(): void;
}

interface Live<T> extends AsyncIterable<T> {
  /** All who read the same topic read the same items: one reader does for all of them. */
  readonly topic: string;
  /** Items after this position. */
  open(after: number): LiveReader<T>;
}

/** Each item is stored, and each subscriber gets every one: whoever falls behind reads on where it stopped. */
export interface LiveLog<T> extends Live<T> {
  readonly kind: "log";
  /** The cursor that the subscriber brought. */
  readonly after: number;
  /** The same with another cursor. @throws DomainError VALIDATION_FAILED */
  startingAfter(after: number): LiveLog<T>;
  /** What is stored after a position. `isLast`: there was no more at that moment. */
  page(after: number): Promise<{ readonly items: readonly Positioned<T>[]; readonly isLast: boolean }>;
}

/** Only the newest item counts: whoever falls behind gets that one. */
export interface LiveState<T> extends Live<T> {
  readonly kind: "state";
}

/** Items are kept nowhere: whoever falls behind is told that it missed some. */
export interface LiveFeed<T> extends Live<T> {
  readonly kind: "feed";
  /** The item that says so. */
  missed(): T;
}

/** What a subscription reads from. */
export type LiveSource<T> = LiveLog<T> | LiveState<T> | LiveFeed<T>;

/** What a log reads from Postgres at once. A page has at least one item. */
export const LOG_PAGE = { events: 250, bytes: 1_048_576 } as const;

interface StoredLog<T> extends Pick<LiveLog<T>, "topic" | "page" | "open"> {
  /** Position of the last item at this moment. */
  readonly last: number;
}

/** A cursor from elsewhere is refused: it would wait for items that were numbered long ago. @throws DomainError VALIDATION_FAILED */
export function liveLog<T>(log: StoredLog<T>, after: number): LiveLog<T> {
  const { topic, last, page, open } = log;
  if (after < 0 || after > last) {
    throw DomainError.invalid([{ path: "after", message: `must be 0 to ${last}, where the last event is` }]);
  }
  const startingAfter = (cursor: number) => liveLog(log, cursor);
  return { kind: "log", topic, after, startingAfter, page, open, ...iterable(() => open(after)) };
}

export function iterable<T>(open: () => LiveReader<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => valuesOf(open()) };
}

/** The items alone, one by one. */
async function* valuesOf<T>(reader: LiveReader<T>): AsyncGenerator<T, void, undefined> {
  for await (const items of reader) for (const { value } of items) yield value;
}

/** A generator that waits does not hear of return(): `wake` it first. */
export function endable<T>(generator: AsyncGenerator<T, void, undefined>, wake: () => void) {
  return {
    next: () => generator.next(),
    return: (): Promise<IteratorResult<T, undefined>> => {
      wake();
      return generator.return() as Promise<IteratorResult<T, undefined>>;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
