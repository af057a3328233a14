import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback";
}

/**
 * Whether a request for `host` (its Host header) is meant for us. A foreign page can have a name of its own point to
 * this machine, and its browser then takes our answers for that page's: an address or `localhost` cannot be had so.
 */
export function isOurHost(host: string | undefined, names: ReadonlySet<string> | null): boolean {
  // Without a Host it is HTTP/1.0, and no browser.
  if (names === null || host === undefined || host === "") return true;
  const name = host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  return (
    name === "localhost" || name.endsWith(".localhost") || isIP(name.replace(/^\[|\]$/g, "")) > 0 || names.has(name)
  );
}
