import type { LiveSource, Positioned } from "../engine/index.ts";
import { Batch, batchesOf } from "./batch.ts";
import { Group } from "./group.ts";
import { NOTHING_YET, type Subscriber } from "./subscriber.ts";

/** More would be written at once than a connection's buffer is meant to hold. */
const MAX_BATCH_RESULTS = 64;
const MAX_BATCH_CHARS = 65_536;

/** Runs the operation for an item; the result as JSON. Never rejects: errors are part of the result. */
export type Perform = (value: unknown) => Promise<string>;

interface Page {
  readonly batches: readonly Batch[];
  readonly isLast: boolean;
}

/** An operation that many subscribe to alike. Those who keep up are its group; the others are brought on from here. */
export class Topic {
  private group: Group | null = null;
  /** Pages that are being read: who asks for the same meanwhile gets the same. */
  private readonly pages = new Map<number, Promise<Page>>();

  constructor(
    private readonly source: LiveSource<unknown>,
    private readonly perform: Perform,
  ) {}

  leave(subscriber: Subscriber): void {
    subscriber.finish();
    this.group?.remove(subscriber);
  }

  /** Brings one that is ready a step on. True: it has joined the group. Decides and joins in one turn. */
  async bring(subscriber: Subscriber): Promise<boolean> {
    const { source, group } = this;
    if (group === null && source.kind !== "log") return this.found(subscriber);
    if (group !== null && this.isCovered(group, subscriber)) return this.catchUp(group, subscriber);
    if (source.kind === "log") return this.readOn(subscriber);
    // A group that was made meanwhile, or has ended: the next step sees to it.
    if (group === null) return false;
    if (source.kind === "feed") return this.tellMissed(group, subscriber);
    group.refresh();
    group.add(subscriber);
    return true;
  }

  /** Whether nothing of what it needs has left the group's memory. */
  private isCovered(group: Group, { cursor }: Subscriber): boolean {
    if (cursor === NOTHING_YET) return group.isFresh;
    return this.source.kind === "state" || cursor >= group.recent.tail;
  }

  private catchUp(group: Group, subscriber: Subscriber): boolean {
    while (subscriber.cursor < group.head) {
      if (!subscriber.sink.isReady) return false;
      const { recent } = group;
      subscriber.send((this.source.kind === "state" ? recent.newest : recent.next(subscriber.cursor))!);
    }
    group.add(subscriber);
    return true;
  }

  private async readOn(subscriber: Subscriber): Promise<boolean> {
    const { batches, isLast } = await this.page(subscriber.cursor);
    for (const batch of batches) {
      if (!subscriber.sink.isReady) await subscriber.sink.ready();
      if (subscriber.isOver || !subscriber.sink.isOpen) return false;
      subscriber.send(batch);
    }
    return isLast && this.group === null && !subscriber.isOver && this.found(subscriber);
  }

  private async tellMissed(group: Group, subscriber: Subscriber): Promise<boolean> {
    const position = group.head;
    const missed = (this.source as Extract<LiveSource<unknown>, { kind: "feed" }>).missed();
    const json = await this.perform(missed);
    if (!subscriber.isOver) subscriber.send(new Batch([{ position, json }]));
    return false;
  }

  private page(after: number): Promise<Page> {
    const known = this.pages.get(after);
    if (known) return known;
    const page = this.readPage(after).finally(() => this.pages.delete(after));
    this.pages.set(after, page);
    return page;
  }

  private async readPage(after: number): Promise<Page> {
    const { items, isLast } = await (this.source as Extract<LiveSource<unknown>, { kind: "log" }>).page(after);
    return { batches: await this.resultsOf(items), isLast };
  }

  /** All at once: what they read from Postgres is read together. */
  private async resultsOf(items: readonly Positioned<unknown>[]): Promise<readonly Batch[]> {
    const results = await Promise.all(
      items.map(async ({ position, value }) => ({ position, json: await this.perform(value) })),
    );
    return batchesOf(results, MAX_BATCH_RESULTS, MAX_BATCH_CHARS);
  }

  private found(first: Subscriber): true {
    const after = first.cursor;
    const group = new Group(
      this.source.open(after),
      after,
      (items) => this.resultsOf(items),
      () => {
        if (this.group === group) this.group = null;
      },
    );
    this.group = group;
    group.add(first);
    void group.run();
    return true;
  }
}
