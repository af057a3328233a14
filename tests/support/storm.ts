import type { Client as SseClient } from "graphql-sse";
import type { Client as WsClient } from "graphql-ws";
import { type Followed, type LogPort, type LogSubscription, sseClient, wsClient } from "./live-logs.ts";

/** Positions that all readers together read from one cut to the next. */
const CUT_EVERY = 100;
/** And from one failure of the broker to the next: some in the middle of each storm. */
const DISTURB_EVERY = 3_000;
/** Of the event loop, for which a reader that stalls takes nothing. */
const STALL_TURNS = 50;

/** Many who subscribe while connections are cut and the broker fails. It moves on with what they read, not with a clock. */
export class Storm {
  private readonly clients: (WsClient | SseClient)[] = [];
  private read = 0;
  private over = false;
  private disturbing: Promise<void> | null = null;
  cuts = 0;
  disturbances = 0;

  constructor(
    private readonly port: LogPort,
    private readonly broker: { disturb(): Promise<void> },
  ) {}

  /** The n-th subscriber, to its end: the positions that it was told. */
  async subscriber(n: number, follow: LogSubscription["follow"], followed: Followed): Promise<number[]> {
    const client = n % 5 === 0 ? sseClient(this.port) : wsClient(this.port);
    this.clients.push(client);
    const positions: number[] = [];
    for await (const position of follow(client, followed)) {
      positions.push(position);
      this.moveOn();
      // The client gathers what comes meanwhile, unless its socket is cut first.
      if (n % 7 === 0 && position % 20 === 0) await turns(STALL_TURNS);
    }
    return positions;
  }

  /** Also of those that would connect again for ever because one has failed. */
  async end(): Promise<void> {
    this.over = true;
    await this.disturbing;
    // A client that was cut after its last event, and is about to connect again, says so to who disposes of it.
    await Promise.allSettled(this.clients.map((client) => client.dispose()));
  }

  private moveOn(): void {
    this.read += 1;
    if (this.over) return;
    if (this.read % CUT_EVERY === 0) {
      const sockets = [...this.port.sockets];
      sockets[Math.floor(Math.random() * sockets.length)]?.destroy();
      this.cuts += 1;
    }
    if (this.read % DISTURB_EVERY === 0 && !this.disturbing) {
      this.disturbances += 1;
      this.disturbing = this.broker.disturb().finally(() => {
        this.disturbing = null;
      });
    }
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
