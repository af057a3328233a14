import type { RedisPubSub } from "graphql-redis-subscriptions";
import type { Redis } from "ioredis";
import type { EngineLogger } from "../model/index.ts";
import { withLimit } from "../redis/index.ts";
import { fenced } from "../runtime/index.ts";
import type { Subscription } from "./bus.ts";

/** How long a subscription waits for a broker that cannot be reached, or does not answer. The next one waits no more. */
const ACKNOWLEDGE_WAIT_MS = 2_000;
/** Channels in one SUBSCRIBE after a reconnect. */
const RESUBSCRIBE_BATCH = 1_000;
const CHECK_MS = 5_000;
/**
 * After so many checks (half a minute) without a message, listeners are told of a gap: a process that died between its
 * commit and its publish cannot announce one. Readers of executions that wait cost one short query in this time.
 */
const QUIET_CHECKS = 6;

interface Listener {
  readonly message: (message: unknown) => void;
  readonly gap: (() => void) | undefined;
  /** Its owner still waits for the acknowledgement, and has read nothing yet: no gap for it. */
  waiting: boolean;
}

interface Channel {
  readonly name: string;
  readonly listeners: Set<Listener>;
  /** RedisPubSub knows it: nothing until the broker has acknowledged it once. */
  id: number | null;
  sent: boolean;
  /** Renewed with each connection. */
  acknowledged: PromiseWithResolvers<void>;
  live: boolean;
  /** Checks since a message came. */
  quiet: number;
}

/** One Redis subscription per channel, however many listen here. */
export class RedisSubscriber {
  private readonly channels = new Map<string, Channel>();
  private readonly check: NodeJS.Timeout;
  /** It was waited for in vain: until it answers, nobody waits again. A start makes a dozen subscriptions, one by one. */
  private isMissed = false;

  constructor(
    private readonly pubSub: RedisPubSub,
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: EngineLogger,
    private readonly isMessage: (channel: string, message: unknown) => boolean,
  ) {
    redis.on(
      "ready",
      fenced("redis ready", () => this.connected()),
    );
    redis.on(
      "close",
      fenced("redis close", () => this.disconnected()),
    );
    this.check = setInterval(
      fenced("bus timer", () => this.tellQuiet()),
      CHECK_MS,
    ).unref();
  }

  async subscribe(name: string, message: Listener["message"], gap: Listener["gap"]): Promise<Subscription> {
    const channel = this.channels.get(name) ?? this.open(name);
    const listener: Listener = { message, gap, waiting: true };
    channel.listeners.add(listener);
    if (!channel.live && !this.isMissed) {
      await withLimit(ACKNOWLEDGE_WAIT_MS, channel.acknowledged.promise);
      if (!channel.live) this.missed();
    }
    listener.waiting = false;
    return {
      unsubscribe: () => {
        channel.listeners.delete(listener);
        this.closeUnused(channel);
      },
    };
  }

  /** Somebody has waited for the broker in vain. */
  missed(): void {
    this.isMissed = true;
  }

  /** Messages may have been lost on any channel. */
  tellAll(): void {
    for (const channel of this.channels.values()) this.tell(channel);
  }

  close(): void {
    clearInterval(this.check);
    for (const channel of this.channels.values()) channel.listeners.clear();
    this.channels.clear();
  }

  private open(name: string): Channel {
    const channel: Channel = {
      name,
      listeners: new Set(),
      id: null,
      sent: false,
      acknowledged: Promise.withResolvers(),
      live: false,
      quiet: 0,
    };
    this.channels.set(name, channel);
    if (this.redis.status === "ready") this.send(channel);
    return channel;
  }

  /** Only on a ready connection: what is sent before that is silently dead if the connection breaks once more. */
  private send(channel: Channel): void {
    channel.sent = true;
    void this.pubSub
      .subscribe(this.prefix + channel.name, (batch: unknown) => {
        if (!Array.isArray(batch)) return;
        channel.quiet = 0;
        for (const message of batch) {
          if (!this.isMessage(channel.name, message)) continue;
          for (const listener of channel.listeners) listener.message(message);
        }
      })
      .then((id) => {
        channel.id = id;
        this.acknowledge(channel);
        this.closeUnused(channel);
      });
  }

  private connected(): void {
    const known: Channel[] = [];
    for (const channel of this.channels.values()) {
      if (channel.sent) known.push(channel);
      else this.send(channel);
    }
    for (let i = 0; i < known.length; i += RESUBSCRIBE_BATCH) {
      const batch = known.slice(i, i + RESUBSCRIBE_BATCH);
      this.redis.subscribe(...batch.map((channel) => this.prefix + channel.name)).then(
        () => {
          // One that RedisPubSub still waits for gets nothing yet.
          for (const channel of batch) if (channel.id !== null) this.acknowledge(channel);
        },
        (error: unknown) => this.log("warning", "Redis refuses subscriptions", { error: String(error) }),
      );
    }
  }

  private disconnected(): void {
    for (const channel of this.channels.values()) {
      if (!channel.live) continue;
      channel.live = false;
      channel.acknowledged = Promise.withResolvers();
    }
  }

  private acknowledge(channel: Channel): void {
    this.isMissed = false;
    channel.live = true;
    this.tell(channel);
    channel.acknowledged.resolve();
  }

  private tell(channel: Channel): void {
    channel.quiet = 0;
    for (const { gap, waiting } of channel.listeners) if (!waiting) gap?.();
  }

  /** While there is no connection, readers go on from Postgres, at this slow pace. */
  private tellQuiet(): void {
    for (const channel of this.channels.values()) {
      channel.quiet += 1;
      if (!channel.live || channel.quiet >= QUIET_CHECKS) this.tell(channel);
    }
  }

  private closeUnused(channel: Channel): void {
    if (channel.listeners.size > 0 || this.channels.get(channel.name) !== channel) return;
    // RedisPubSub breaks when it loses a subscription that is not acknowledged: then this is called again.
    if (channel.sent && channel.id === null) return;
    this.channels.delete(channel.name);
    if (channel.id !== null) this.pubSub.unsubscribe(channel.id);
  }
}
