import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How long an effect takes: enough that some are under way whenever a fault comes. */
const EFFECT_MS = 15;

/** The world outside: counts what reaches it, by path and idempotency key. */
export class Upstream {
  /** Keys of each effect, in the order in which they came. */
  readonly effects = new Map<string, string[]>();
  private count = 0;
  private readonly waiters = new Set<() => void>();
  private readonly hanging = new Set<ServerResponse>();
  private large = "";

  private readonly server = createServer((request, response) => {
    const { url = "" } = request;
    request.resume().on("end", () => this.answer(url, String(request.headers["idempotency-key"]), response));
  });

  static async open(): Promise<Upstream> {
    const upstream = new Upstream();
    upstream.server.listen(0, "127.0.0.1");
    await once(upstream.server, "listening");
    return upstream;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many more effects have come. */
  async more(effects: number): Promise<void> {
    const wanted = this.count + effects;
    while (this.count < wanted) await new Promise<void>((resolve) => this.waiters.add(resolve));
  }

  /** Requests to `/hang` that are under way; they are answered when they are let go. */
  get held(): number {
    return this.hanging.size;
  }

  letGo(): void {
    for (const response of this.hanging) response.end("{}");
    this.hanging.clear();
  }

  clear(): void {
    this.letGo();
    this.effects.clear();
    this.large = "";
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(url: string, key: string, response: ServerResponse): void {
    response.setHeader("content-type", "application/json");
    if (url.startsWith("/hang")) {
      this.hanging.add(response);
      response.once("close", () => this.hanging.delete(response));
    } else if (url.startsWith("/large")) {
      this.large ||= JSON.stringify({ items: Array.from({ length: 95_000 }, (_, n) => `${n}`.padEnd(96, "x")) });
      response.end(this.large);
    } else if (url.startsWith("/fail")) {
      response.writeHead(400).end("{}");
    } else {
      this.effects.set(url, [...(this.effects.get(url) ?? []), key]);
      this.count += 1;
      for (const wake of this.waiters) wake();
      this.waiters.clear();
      setTimeout(() => response.end('{"ok":true}'), EFFECT_MS);
    }
  }
}
