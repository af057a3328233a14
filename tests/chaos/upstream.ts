import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
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

  private readonly server = this.serve();
  private readonly other = this.serve();

  static async open(): Promise<Upstream> {
    const upstream = new Upstream();
    for (const server of [upstream.server, upstream.other]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return upstream;
  }

  get origin(): string {
    return originOf(this.server);
  }

  /** Does the same somewhere else: connections to one are none to the other. */
  get otherOrigin(): string {
    return originOf(this.other);
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
    for (const server of [this.server, this.other]) {
      server.closeAllConnections();
      server.close();
    }
  }

  private serve(): Server {
    return createServer((request, response) => {
      const { url = "" } = request;
      request.resume().on("end", () => this.answer(url, String(request.headers["idempotency-key"]), response));
    });
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

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
