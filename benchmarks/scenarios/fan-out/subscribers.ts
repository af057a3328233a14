import { type ChildProcess, fork } from "node:child_process";
import type { Subscription } from "./thin-client.ts";

export type Order =
  | {
      readonly kind: "open";
      readonly port: number;
      readonly subscriptions: readonly Subscription[];
      /** Messages between two reports. */
      readonly reportEvery: number;
    }
  | { readonly kind: "count" }
  | { readonly kind: "latency" }
  | { readonly kind: "close" };

export type Report =
  | { readonly kind: "open" }
  | { readonly kind: "received"; readonly total: number }
  | { readonly kind: "latency"; readonly p50Ms: number; readonly p99Ms: number }
  | { readonly kind: "closed" };

/** The process with the subscribers, seen from the server's. */
export class Subscribers {
  /** Messages since they were opened. */
  received = 0;
  onReceived: () => void = () => {};
  private readonly child: ChildProcess;
  private answered: (report: Report) => void = () => {};

  constructor() {
    this.child = fork(new URL("./subscribers.program.js", import.meta.url));
    this.child.on("message", (report: Report) => {
      if (report.kind === "received") {
        this.received = report.total;
        this.onReceived();
      } else this.answered(report);
    });
  }

  open(port: number, subscriptions: readonly Subscription[], reportEvery: number): Promise<Report> {
    this.received = 0;
    return this.ask({ kind: "open", port, subscriptions, reportEvery });
  }

  async latency(): Promise<{ p50Ms: number; p99Ms: number }> {
    return (await this.ask({ kind: "latency" })) as Extract<Report, { kind: "latency" }>;
  }

  close(): Promise<Report> {
    return this.ask({ kind: "close" });
  }

  /** Resolves when so many have come. */
  async got(total: number): Promise<void> {
    while (this.received < total) {
      this.child.send({ kind: "count" } satisfies Order);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  end(): void {
    this.child.disconnect();
  }

  private ask(order: Order): Promise<Report> {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.child.send(order);
    });
  }
}
