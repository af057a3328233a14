import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { type Address, type AddressRange, inRange, parseAddress } from "./address.ts";

/** Which addresses outside the public internet may be reached. */
export interface AllowList {
  /** True when the name itself is trusted: then whatever it resolves to may be reached. */
  allowsHost(hostname: string, port: number): boolean;
  allowsAddress(address: Address, port: number): boolean;
}

const hostPattern = /^(?<host>[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)$/i;
const portPattern = /^(?<host>\[[^\]]+\]|[^:]+):(?<port>\d{1,5})$/;

/**
 * Reads entries of four forms: `10.0.0.0/8`, `127.0.0.1`, `api.internal` and `host:port` (an IPv6 host with a port in
 * brackets). Without a port, every port. A name is matched as written, subdomains are not. Throws on any other form.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const hosts: { host: string; port: number | null }[] = [];
  const ranges: { range: AddressRange; port: number | null }[] = [];
  for (const entry of entries) {
    const withPort = portPattern.exec(entry)?.groups;
    const host = (withPort?.host ?? entry).replace(/^\[|\]$/g, "");
    const port = withPort ? Number(withPort.port) : null;
    const address = parseAddress(host);
    if (port !== null && (port < 1 || port > 65_535)) throw malformed(entry);
    if (isCidr(entry)) {
      ranges.push({ range: ipaddr.parseCIDR(entry), port });
    } else if (address) {
      ranges.push({ range: [address, address.kind() === "ipv4" ? 32 : 128], port });
    } else if (hostPattern.test(host)) {
      hosts.push({ host: host.toLowerCase(), port });
    } else {
      throw malformed(entry);
    }
  }
  return {
    allowsHost: (hostname, port) => {
      const name = hostname.toLowerCase().replace(/\.$/, "");
      return hosts.some((entry) => entry.host === name && (entry.port === null || entry.port === port));
    },
    allowsAddress: (address, port) =>
      ranges.some((entry) => (entry.port === null || entry.port === port) && inRange(address, entry.range)),
  };
}

function isCidr(entry: string): boolean {
  const [base = ""] = entry.split("/", 1);
  return isIP(base) !== 0 && ipaddr.isValidCIDR(entry);
}

function malformed(entry: string): Error {
  return new Error(`"${entry}" must be a host, host:port, IP address or CIDR`);
}
