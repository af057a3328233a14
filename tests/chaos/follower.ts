import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { follow } from "../../examples/live/follow.ts";
import type { World } from "./world.ts";

/** Long enough to last beyond most faults: each step is a few events. */
const STEPS = 32;
const STEP_SECONDS = 0.25;
const AGAIN_MS = 200;

/** Subscribes to one execution, and again with its cursor whenever it is cut or refused, until it is over. */
export class Follower {
  readonly seqs: number[] = [];
  private isOn = true;
  private client: Client | null = null;
  private readonly following: Promise<void>;

  private constructor(
    private readonly world: World,
    readonly executionId: number,
    secret: string,
  ) {
    this.following = this.follow(secret);
  }

  static async start(world: World, secret: string): Promise<Follower> {
    const wait = (_: unknown, n: number) => ({ name: `w${n}`, type: "delay", config: { seconds: STEP_SECONDS } });
    const id = await world.workflow("followed", Array.from({ length: STEPS }, wait));
    return new Follower(world, (await world.execute(id)).body.execution_id, secret);
  }

  /** For when the execution is over: every event once and in order. */
  async assertWhole(lastSeq: number, limitMs: number): Promise<void> {
    await Promise.race([this.following, sleep(limitMs, null, { ref: false })]);
    const expected = Array.from({ length: lastSeq }, (_, n) => n + 1);
    assert.deepEqual(this.seqs, expected, `a subscriber was told ${this.seqs.length} of ${lastSeq} events`);
  }

  async end(): Promise<void> {
    this.isOn = false;
    this.client?.terminate();
    await this.following;
  }

  private async follow(secret: string): Promise<void> {
    for (let isOver = false; this.isOn && !isOver; await sleep(isOver ? 0 : AGAIN_MS)) {
      const client = createClient({
        url: `${this.world.address.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { apiKey: secret },
        retryAttempts: 0,
      });
      this.client = client;
      try {
        for await (const { seq, type } of follow(client, `ex_${this.executionId}`, this.seqs.at(-1) ?? 0)) {
          this.seqs.push(seq);
          isOver = type === "EXECUTION_COMPLETED";
        }
      } catch {
        // Cut, or refused for now.
      }
      // A client that was cut says so to who disposes of it.
      await Promise.resolve(client.dispose()).catch(() => {});
    }
  }
}
