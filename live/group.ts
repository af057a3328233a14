import { setImmediate } from "node:timers/promises";
import type { LiveReader, Positioned } from "../engine/index.ts";
import type { Batch } from "./batch.ts";
import { Recent } from "./recent.ts";
import { NOTHING_YET, type Subscriber } from "./subscriber.ts";

/** Subscribers that are served before other work gets its turn: about a millisecond. */
const TURN = 128;

/** Those who have all that there is: one reader, one execution and one serialisation for all of them. */
export class Group {
  /** The last position that was sent. */
  head: number;
  readonly recent: Recent;
  private readonly members = new Set<Subscriber>();
  private isClosed = false;

  constructor(
    private readonly reader: LiveReader<unknown>,
    after: number,
    private readonly resultsOf: (items: readonly Positioned<unknown>[]) => Promise<readonly Batch[]>,
    private readonly ended: () => void,
  ) {
    this.head = after;
    this.recent = new Recent(after);
  }

  get isFresh(): boolean {
    return this.head === NOTHING_YET;
  }

  /** For one that has all up to the head, or asks for a refresh. */
  add(subscriber: Subscriber): void {
    this.members.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    if (this.members.delete(subscriber)) this.closeUnused();
  }

  refresh(): void {
    this.reader.refresh?.();
  }

  async run(): Promise<void> {
    try {
      for await (const items of this.reader) {
        for (const batch of await this.resultsOf(items)) {
          if (this.isClosed) return;
          this.recent.add(batch, this.members.size);
          this.head = batch.last;
          await this.broadcast(batch);
          batch.forgetEncodings();
        }
      }
      this.close();
      for (const member of this.members) this.finish(member);
    } catch (error) {
      this.close();
      for (const member of this.members) member.fail(error);
    }
  }

  private async broadcast(batch: Batch): Promise<void> {
    let served = 0;
    for (const member of this.members) {
      if (!member.offer(batch)) this.members.delete(member);
      if (++served % TURN === 0) await setImmediate();
      if (this.isClosed) return;
    }
    this.closeUnused();
  }

  /** One that came after the newest state was sent has not got it. */
  private finish(member: Subscriber): void {
    const { newest } = this.recent;
    if (newest && newest.last > member.cursor) member.send(newest);
    member.finish();
  }

  private closeUnused(): void {
    if (this.members.size === 0) this.close();
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.ended();
    void this.reader.return();
  }
}
