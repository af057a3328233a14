import type { IncomingMessage } from "node:http";
import proxyAddr from "@fastify/proxy-addr";
import ipaddr from "ipaddr.js";

/** Whether the address is a proxy's that may say for whom it asks. */
export type TrustedProxies = (address: string) => boolean;

/** Whoever rents one IPv6 address has this many bits' worth of them. */
const IPV6_NETWORK_BITS = 64;

/** Of a comma list of addresses and CIDRs. */
export function trusting(proxies: readonly string[]): TrustedProxies {
  if (proxies.length === 0) return () => false;
  const trust = proxyAddr.compile([...proxies]);
  return (address) => trust(address, 0);
}

/** Where a request comes from: the socket's address, or what the proxies that are trusted say. */
export function clientNetworkOf(request: IncomingMessage, proxies: TrustedProxies): string {
  return networkOf(proxyAddr(request, proxies) ?? "");
}

/** What an address is counted under: itself; of IPv6 its /64. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return "";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
