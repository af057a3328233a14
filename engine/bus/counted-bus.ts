import { fenced } from "../runtime/index.ts";
import type { Bus, Subscription } from "./bus.ts";

/** Kinds of channel that clients listen to; the others are the engine's own. */
const liveKinds = ["execution", "workflow", "tenant", "domain-events"] as const;
type LiveKind = (typeof liveKinds)[number];

/** Live subscriptions of this process, by what they follow. */
export type LiveSubscriptions = Readonly<Record<LiveKind, number>>;

/** A bus that knows how many listen to it. */
export class CountedBus implements Bus {
  private readonly counts: Record<LiveKind, number> = { execution: 0, workflow: 0, tenant: 0, "domain-events": 0 };
  readonly publish: Bus["publish"];

  constructor(private readonly bus: Bus) {
    this.publish = bus.publish.bind(bus);
  }

  get live(): LiveSubscriptions {
    return this.counts;
  }

  get refused(): number {
    return this.bus.refused ?? 0;
  }

  get isConnected(): boolean {
    return this.bus.isConnected ?? true;
  }

  async subscribe(channel: string, listener: (message: unknown) => void, gap?: () => void): Promise<Subscription> {
    const subscription = await this.bus.subscribe(
      channel,
      fenced("bus message", listener),
      gap && fenced("bus gap", gap),
    );
    const kind = liveKinds.find((one) => channel.startsWith(`${one}:`));
    if (kind === undefined) return subscription;
    this.counts[kind] += 1;
    let isOpen = true;
    return {
      unsubscribe: () => {
        subscription.unsubscribe();
        if (isOpen) this.counts[kind] -= 1;
        isOpen = false;
      },
    };
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}
