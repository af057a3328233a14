import type { RedisPubSub } from "graphql-redis-subscriptions";
import type { Redis } from "ioredis";
import type { EngineLogger } from "../model/index.ts";
import { fenced } from "../runtime/index.ts";
import type { Seal } from "./seal.ts";

/** Told to every listener of every process: some process could not publish all it had. */
export const GAP_CHANNEL = "gap";
/**
 * What is published in one turn on one channel travels as one message of up to this size: a commit of thousands of
 * events costs Redis a message per execution. Redis cuts off a subscriber that is 32 MB behind, or 8 MB for a minute.
 */
const MAX_BATCH_CHARS = 262_144;
/** What may wait for Redis' answer. One message more is dropped. */
const MAX_UNANSWERED_CHARS = 16_777_216;
/** A gap makes every reader ask Postgres: not more often than this, whatever Redis does. */
const ANNOUNCE_AFTER_MS = 1_000;

/** Sends without waiting. What Redis cannot take is counted and dropped, and announced as a gap when it can again. */
export class RedisPublisher {
  dropped = 0;
  private readonly outbox = new Map<string, string[]>();
  private unansweredChars = 0;
  private announced = 0;
  private announcement: NodeJS.Timeout | null = null;
  private idle = Promise.withResolvers<void>();
  private lastMessage: unknown;
  private lastText = "";

  constructor(
    private readonly pubSub: RedisPubSub,
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly seal: Seal,
    private readonly log: EngineLogger,
  ) {
    redis.on(
      "ready",
      fenced("redis ready", () => this.announceGap()),
    );
  }

  publish(channel: string, message: unknown): void {
    if (this.redis.status !== "ready") {
      this.dropped += 1;
      return;
    }
    const text = this.serialize(message);
    if (this.unansweredChars + text.length > MAX_UNANSWERED_CHARS) {
      this.dropped += 1;
      return;
    }
    this.unansweredChars += text.length;
    const texts = this.outbox.get(channel);
    if (texts) texts.push(text);
    else {
      if (this.outbox.size === 0) queueMicrotask(() => this.flush());
      this.outbox.set(channel, [text]);
    }
  }

  /** Resolves when Redis has answered all that was published. */
  async drained(): Promise<void> {
    this.flush();
    if (this.unansweredChars > 0) await this.idle.promise;
  }

  /** An event goes to three channels: it is serialized once. */
  private serialize(message: unknown): string {
    if (message !== this.lastMessage || this.lastText === "") {
      this.lastText = JSON.stringify(message) ?? "null";
      this.lastMessage = message;
    }
    return this.lastText;
  }

  private flush(): void {
    for (const [channel, texts] of this.outbox) {
      let batch: string[] = [];
      let chars = 0;
      for (const text of texts) {
        if (chars > 0 && chars + text.length > MAX_BATCH_CHARS) {
          this.send(channel, batch, chars);
          batch = [];
          chars = 0;
        }
        batch.push(text);
        chars += text.length;
      }
      this.send(channel, batch, chars);
    }
    this.outbox.clear();
    this.lastMessage = undefined;
    this.lastText = "";
  }

  private send(channel: string, batch: readonly string[], chars: number): void {
    this.publishSealed(channel, batch)
      .catch(() => {
        this.dropped += batch.length;
      })
      .finally(() => {
        this.unansweredChars -= chars;
        if (this.unansweredChars === 0) {
          this.idle.resolve();
          this.idle = Promise.withResolvers();
        }
        this.announceGap();
      });
  }

  private publishSealed(name: string, texts: readonly string[]): Promise<void> {
    const channel = this.prefix + name;
    return this.pubSub.publish(channel, this.seal.close(channel, `[${texts.join()}]`));
  }

  private announceGap(): void {
    if (this.dropped === this.announced || this.announcement) return;
    this.announcement = setTimeout(() => {
      this.announcement = null;
      // Otherwise the next answer, or the next "ready", leads here again.
      if (this.redis.status === "ready" && this.unansweredChars <= MAX_UNANSWERED_CHARS / 2) this.sendGap();
    }, ANNOUNCE_AFTER_MS).unref();
  }

  private sendGap(): void {
    this.log("warning", "Live messages were dropped; their readers are told to read Postgres again", {
      dropped: this.dropped - this.announced,
    });
    this.announced = this.dropped;
    this.publishSealed(GAP_CHANNEL, ["null"]).catch(() => {
      // Counts as one more drop, so that the next "ready" announces again.
      this.dropped += 1;
    });
  }
}
