import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** `silent`: bytes go nowhere, in either direction, and connections are accepted; what is kept back is sent later. */
type ProxyMode = "open" | "silent" | "closed";

export interface TcpProxy {
  readonly port: number;
  /** `closed` ends what is connected, too. */
  set(mode: ProxyMode): void;
  /** Where new connections lead. */
  lead(port: number): void;
  close(): Promise<void>;
}

/** Stands before a server on this machine, whose address then stays the same and which can be made unreachable. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  let port = target;
  let mode: ProxyMode = "open";
  const pairs = new Map<Socket, Socket>();
  const apply = (socket: Socket): void => void (mode === "silent" ? socket.pause() : socket.resume());

  const server = createServer((near) => {
    if (mode === "closed") {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    pairs.set(near, far);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(near);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", end).on("close", end).setNoDelay(true);
      from.on("data", (chunk) => void to.write(chunk));
      apply(from);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      mode = next;
      for (const [near, far] of [...pairs]) {
        if (mode === "closed") near.destroy();
        else for (const socket of [near, far]) apply(socket);
      }
    },
    lead: (next) => {
      port = next;
    },
    close: async () => {
      for (const near of [...pairs.keys()]) near.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
