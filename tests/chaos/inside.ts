import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into a service under test (`--import`), beside its program: moves the clock that it sees (Date, and not the
 * timers, as when a machine's clock is set), and tells what it holds after garbage has gone. Listens on CHAOS_SOCKET.
 */
export interface Usage {
  readonly heapBytes: number;
  /** Sockets, timers, files and child processes, by Node's own names for them. */
  readonly resources: Readonly<Record<string, number>>;
}

const socket = process.env.CHAOS_SOCKET;
if (socket !== undefined && isMainThread && process.argv[1]?.endsWith("server/main.js")) {
  const clock = movableClock();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://inside");
    if (pathname === "/clock") clock(Number(searchParams.get("by")), Number(searchParams.get("rate")));
    response.end(pathname === "/usage" ? JSON.stringify(usage()) : "{}");
  });
  // An earlier life may have been killed.
  rmSync(socket, { force: true });
  server.listen(socket).unref();
}

/** Returns what moves it: `byMs` at once, and from then on `rate` times as fast as it should be. */
function movableClock(): (byMs: number, rate: number) => void {
  const RealDate = Date;
  const real = Date.now.bind(Date);
  let from = real();
  let shown = from;
  let rate = 1;
  const now = (): number => Math.round(shown + (real() - from) * rate);
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, of) => Reflect.construct(target, args.length === 0 ? [now()] : args, of),
    apply: (target) => new target(now()).toString(),
  });
  return (byMs, newRate) => {
    [shown, from, rate] = [now() + byMs, real(), newRate];
  };
}

function usage(): Usage {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round++) collect();
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { heapBytes: heapUsed + external, resources };
}
