import type { LiveSource } from "../engine/index.ts";
import type { Sink } from "./sink.ts";
import { NOTHING_YET, Subscriber } from "./subscriber.ts";
import { type Perform, Topic } from "./topic.ts";

export interface LiveOperation {
  /** Those of equal key get equal results: same document, variables and scope. */
  readonly key: string;
  readonly source: LiveSource<unknown>;
  readonly perform: Perform;
  /** Called once, when the subscription has ended. */
  readonly over?: () => void;
}

/** A subscription in progress. Iterating it waits for its end: the results have gone to the sink. */
export type Membership = AsyncGenerator<never, void, undefined>;

/** All operations that are subscribed to at the moment. Knows no transport: see `Sink`. */
export class LiveHub {
  private readonly topics = new Map<string, { readonly topic: Topic; subscribers: number }>();

  /** Distinct operations. */
  get size(): number {
    return this.topics.size;
  }

  /** Begins when it is first asked for `next`. */
  subscribe({ key, source, perform, over }: LiveOperation, sink: Sink): Membership {
    const entry = this.topics.get(key) ?? { topic: new Topic(source, perform), subscribers: 0 };
    this.topics.set(key, entry);
    entry.subscribers += 1;
    const subscriber = new Subscriber(entry.topic, sink, source.kind === "log" ? source.after : NOTHING_YET);
    let hasBegun = false;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      entry.topic.leave(subscriber);
      entry.subscribers -= 1;
      if (entry.subscribers === 0) this.topics.delete(key);
      over?.();
    };
    const done = async (): Promise<IteratorReturnResult<void>> => {
      leave();
      return { value: undefined, done: true };
    };
    return {
      next: async () => {
        if (!hasBegun && !hasLeft) void subscriber.follow();
        hasBegun = true;
        await subscriber.ended.finally(leave);
        return { value: undefined, done: true };
      },
      return: done,
      throw: done,
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]: async () => leave(),
    };
  }
}
