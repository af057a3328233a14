import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a TCP server that can be made to freeze: connections stay, and nothing travels on them. */
export interface FreezingProxy {
  readonly port: number;
  /** Freezes connections whose client began by saying `text`, those that are still to come as well. */
  freeze(text: string): void;
  /** New connections travel again; those that froze do not. */
  thaw(): void;
  close(): Promise<void>;
}

export async function startFreezingProxy(target: { host: string; port: number }): Promise<FreezingProxy> {
  const open = new Set<{ client: Socket; server: Socket; said: string }>();
  let frozen: string | null = null;
  const freezeLink = ({ client, server }: { client: Socket; server: Socket }): void => {
    for (const socket of [client, server]) {
      socket.unpipe();
      socket.pause();
    }
  };
  const listener = createServer((client) => {
    const server = connect(target.port, target.host);
    const link = { client, server, said: "" };
    open.add(link);
    client.once("data", (chunk: Buffer) => {
      link.said = chunk.toString("latin1");
      if (frozen !== null && link.said.includes(frozen)) freezeLink(link);
    });
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(link);
        client.destroy();
        server.destroy();
      });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    freeze: (text) => {
      frozen = text;
      for (const link of open) if (link.said.includes(text)) freezeLink(link);
    },
    thaw: () => {
      frozen = null;
    },
    close: async () => {
      for (const { client, server } of open) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, "close");
    },
  };
}
