import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Where a connection breaks: before a request has got to the server, when it has and nobody knows what became of it,
 * or when its answer is on the way.
 */
export type CutAt = "request" | "sent" | "answer";

/** Stands between a client and a server, and breaks or slows their connections at a moment that a test chooses. */
export interface TcpProxy {
  /** The server's address, with the proxy in its place. */
  readonly url: string;
  /** The next bytes of that kind, of any connection, end their connection; then null again. */
  cutAt: CutAt | null;
  /** Connections that were ended so. */
  readonly cuts: number;
  /** What is on its way, either way, takes so long. */
  delayMs: number;
  /** Nothing gets through, and no connection ends. */
  isStalled: boolean;
  /** New connections go to this port of the same host. */
  retarget(port: number): void;
  /** Ends every connection; with `refuse`, new ones too until it is called without. */
  cutAll(refuse?: boolean): void;
  close(): void;
}

export async function tcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target);
  const [port, host] = [Number(url.port), url.hostname];
  const proxy = new Proxied(port, host);
  url.hostname = "127.0.0.1";
  url.port = String(await proxy.listen());
  proxy.url = url.href;
  return proxy;
}

class Proxied implements TcpProxy {
  url = "";
  cutAt: CutAt | null = null;
  cuts = 0;
  delayMs = 0;
  private stalled = false;
  private refuses = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer({ pauseOnConnect: true }, (client) => this.join(client));

  constructor(
    private port: number,
    private readonly host: string,
  ) {}

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  retarget(port: number): void {
    this.port = port;
  }

  get isStalled(): boolean {
    return this.stalled;
  }

  set isStalled(stalled: boolean) {
    this.stalled = stalled;
    for (const socket of this.sockets) if (stalled) socket.pause();
    if (!stalled) for (const socket of this.sockets) socket.resume();
  }

  cutAll(refuse = false): void {
    this.refuses = refuse;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.cutAll(true);
    this.server.close();
  }

  private join(client: Socket): void {
    if (this.refuses) {
      client.destroy();
      return;
    }
    const server = connect(this.port, this.host);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (this.isCut("request")) client.destroy();
      else this.pass(bytes, server);
      if (this.isCut("sent")) server.end(() => client.destroy());
    });
    server.on("data", (bytes) => {
      if (this.isCut("answer")) client.destroy();
      else this.pass(bytes, client);
    });
    if (!this.stalled) client.resume();
    else server.pause();
  }

  private isCut(at: CutAt): boolean {
    if (this.cutAt !== at) return false;
    this.cutAt = null;
    this.cuts += 1;
    return true;
  }

  private pass(bytes: Buffer, to: Socket): void {
    if (this.delayMs === 0) to.write(bytes);
    // Timers of one length run in their order: so do the bytes of a connection.
    else setTimeout(() => to.write(bytes), this.delayMs);
  }
}
