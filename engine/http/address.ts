import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type AddressRange = [Address, number];

/** Global unicast. All IPv6 that is routed on the internet lies here; `::/96` (IPv4-compatible) and unassigned space do not. */
const globalUnicast6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Azure's host agent: hands out credentials to whoever asks from inside a machine, yet is a public address by its range. */
const azureHostAgent = ipaddr.IPv4.parse("168.63.129.16");

/** Reads an address as DNS or a URL gives it; an IPv4-mapped one (`::ffff:a.b.c.d`) becomes the IPv4 address it leads to. */
export function parseAddress(text: string): Address | null {
  // ipaddr.js alone would also read short and octal forms such as `127.1`.
  return isIP(text) === 0 ? null : ipaddr.process(text);
}

/**
 * Whether the address is an ordinary host on the internet. Private, loopback, link-local (cloud metadata), CGNAT,
 * multicast, unspecified, documentation and tunnel ranges (6to4, NAT64, Teredo: they can carry any IPv4 address) are not.
 */
export function isPublicAddress(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6) return address.match(globalUnicast6);
  return address.toString() !== azureHostAgent.toString();
}

export function inRange(address: Address, [base, bits]: AddressRange): boolean {
  if (address instanceof ipaddr.IPv4) return base instanceof ipaddr.IPv4 && address.match(base, bits);
  return base instanceof ipaddr.IPv6 && address.match(base, bits);
}
