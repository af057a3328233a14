import { RedisPubSub } from "graphql-redis-subscriptions";
import type { Redis } from "ioredis";
import type { EngineLogger } from "../model/index.ts";
import { loadRedis, withLimit } from "../redis/index.ts";
import { fenced } from "../runtime/index.ts";
import type { Bus, Subscription } from "./bus.ts";
import { GAP_CHANNEL, RedisPublisher } from "./redis-publisher.ts";
import { RedisSubscriber } from "./redis-subscriber.ts";
import { RefusedMessages } from "./refused-messages.ts";
import { Seal } from "./seal.ts";

const { closeRedis, connectRedis, failFast, redisReady } = await loadRedis();

/** How long closing waits for Redis to take what was published last. */
const CLOSE_WAIT_MS = 1_000;

export interface RedisBusOptions {
  readonly redisUrl: string;
  /** Sets these channels apart from those of other databases on the same Redis, whose pub/sub knows no databases. */
  readonly namespace: string;
  readonly key: Buffer;
  /** Whether a message is what its channel carries. */
  isMessage(channel: string, message: unknown): boolean;
  readonly log: EngineLogger;
}

/** Pub/sub of one Redis. Works while Redis is away, with gaps. */
export class RedisBus implements Bus {
  private readonly publisherConnection: Redis;
  private readonly subscriberConnection: Redis;
  private readonly publisher: RedisPublisher;
  private readonly subscriber: RedisSubscriber;
  private readonly refusedMessages: RefusedMessages;
  private closing: Promise<void> | null = null;

  /** Resolves when Redis can be used, or cannot be reached for now. */
  static async open(options: RedisBusOptions): Promise<RedisBus> {
    const bus = new RedisBus(options);
    await Promise.all([redisReady(bus.publisherConnection), redisReady(bus.subscriberConnection)]);
    if (!bus.isConnected) bus.subscriber.missed();
    return bus;
  }

  private constructor({ redisUrl, namespace, key, isMessage, log }: RedisBusOptions) {
    const seal = new Seal(key);
    this.refusedMessages = new RefusedMessages(log);
    const refuse = (channel: string, reason: "seal" | "form") => this.refusedMessages.add(channel, reason);
    this.publisherConnection = connectRedis(redisUrl, "publisher", log, {
      ...failFast,
      enableAutoPipelining: true,
    });
    this.subscriberConnection = connectRedis(redisUrl, "subscriber", log, {
      // Its INFO would meet a connection that listens already.
      enableReadyCheck: false,
      // Done by RedisSubscriber, which has to know when it is acknowledged.
      autoResubscribe: false,
      maxRetriesPerRequest: null,
    });
    const pubSub = new RedisPubSub({
      publisher: this.publisherConnection,
      subscriber: guarded(this.subscriberConnection, log, seal, refuse),
      serializer: (sealed: string) => sealed,
    });
    const prefix = `stepwire:${namespace}:`;
    this.publisher = new RedisPublisher(pubSub, this.publisherConnection, prefix, seal, log);
    this.subscriber = new RedisSubscriber(pubSub, this.subscriberConnection, prefix, log, (channel, message) => {
      const isOurs = isMessage(channel, message);
      if (!isOurs) refuse(prefix + channel, "form");
      return isOurs;
    });
    void this.subscriber.subscribe(GAP_CHANNEL, () => this.subscriber.tellAll(), undefined);
  }

  /** Messages given up so far. */
  get dropped(): number {
    return this.publisher.dropped;
  }

  get refused(): number {
    return this.refusedMessages.count;
  }

  get isConnected(): boolean {
    return this.publisherConnection.status === "ready" && this.subscriberConnection.status === "ready";
  }

  publish(channel: string, message: unknown): void {
    if (!this.closing) this.publisher.publish(channel, message);
  }

  subscribe(channel: string, listener: (message: unknown) => void, gap?: () => void): Promise<Subscription> {
    return this.subscriber.subscribe(channel, listener, gap);
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    this.subscriber.close();
    await withLimit(CLOSE_WAIT_MS, this.publisher.drained());
    await Promise.all([closeRedis(this.subscriberConnection), closeRedis(this.publisherConnection)]);
  }
}

/**
 * What is not sealed by one of us goes no further. RedisPubSub leaves rejections of its subscriber unhandled, and one of
 * those ends the process. It gets to see none:
 * a channel that Redis refuses stays unacknowledged, and its readers go on from Postgres.
 */
function guarded(
  redis: Redis,
  log: EngineLogger,
  seal: Seal,
  refuse: (channel: string, reason: "seal") => void,
): Redis {
  const subscriber = {
    // There are no patterns.
    on: (event: "message" | "pmessage", listener: (channel: string, body: string) => void) => {
      if (event === "pmessage") return;
      const hear = (channel: string, sealed: string): void => {
        const body = seal.open(channel, sealed);
        if (body === null) refuse(channel, "seal");
        else listener(channel, body);
      };
      redis.on("message", fenced("redis message", hear));
    },
    subscribe: (channel: string, acknowledged: (error: null) => void) => {
      redis.subscribe(channel).then(
        () => acknowledged(null),
        (error: unknown) => {
          if (redis.status !== "end") log("warning", "Redis refuses a subscription", { channel, error: String(error) });
        },
      );
    },
    unsubscribe: (channel: string) => {
      redis.unsubscribe(channel).catch(() => {});
    },
    punsubscribe: () => {},
  };
  return subscriber as unknown as Redis;
}
