import { type Edge, Listener } from "../edge/index.ts";
import { type Config, codeOf, StartupError } from "./config/index.ts";

/** Listens on a port of ours. @throws StartupError that names the variable to change. */
export async function openListener(
  variable: "PORT" | "SAGA_PORT",
  { host, port, sagaPort }: Pick<Config, "host" | "port" | "sagaPort">,
  edge: Edge,
): Promise<Listener> {
  const wanted = variable === "PORT" ? port : sagaPort;
  try {
    return await Listener.listen(host, wanted, edge);
  } catch (error) {
    const advice = adviceFor(codeOf(error), variable, host, wanted);
    throw advice === undefined ? error : new StartupError(advice, error);
  }
}

/** What to do about a port that cannot be listened on. */
function adviceFor(code: string | undefined, variable: string, host: string, port: number): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `${variable} ${port} is taken by another process on ${host}: stop that one, or set ${variable} to a free port`;
    case "EACCES":
      return `${variable} ${port} is not open to this user: set ${variable} to a port above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST ${host} is not an address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0`;
    default:
      return undefined;
  }
}
