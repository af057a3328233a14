import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector, Pool } from "undici";
import { StepError } from "../model/index.ts";
import { isPublicAddress, parseAddress } from "./address.ts";
import type { AllowList } from "./allow-list.ts";
import { MAX_SOCKETS_PER_ORIGIN } from "./sockets.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Resolves a name to all of its addresses; the form of `dns.lookup` with `all: true`. */
export type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A pool of connections to one origin that checks the very address it connects to: what DNS answers is filtered inside
 * the connect call, so that a name which answers differently the second time (rebinding) and the target of a redirect
 * meet the same check. An address written in the URL never reaches the lookup, and is checked beforehand.
 */
export function guardedPool(origin: string | URL, allowList: AllowList, resolve: Resolve = dnsLookup): Pool {
  const url = new URL(origin);
  return new Pool(url.origin, {
    connect: connectorFor(url, allowList, resolve),
    connections: MAX_SOCKETS_PER_ORIGIN,
    pipelining: 1,
    // One timer per request bounds the whole exchange; it may be set higher than undici's own limits.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function connectorFor(url: URL, allowList: AllowList, resolve: Resolve): buildConnector.connector {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const trusted = allowList.allowsHost(hostname, port);
  const allows = (text: string): boolean => {
    const address = parseAddress(text);
    return trusted || (address !== null && (isPublicAddress(address) || allowList.allowsAddress(address, port)));
  };
  if (isIP(hostname) !== 0 && !allows(hostname)) {
    return (_options, callback) => process.nextTick(callback, addressRefused(), null);
  }
  const lookup: LookupFunction = (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "");
      const allowed = addresses.filter(({ address }) => allows(address));
      const [first] = allowed;
      if (!first) return callback(addressRefused(), "");
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
  return buildConnector({ lookup, timeout: CONNECT_TIMEOUT_MS });
}

function addressRefused(): StepError {
  // Does not say which address: a name that resolves inside must not tell an outsider what is there.
  return new StepError(
    "ADDRESS_REFUSED",
    "the address is private, loopback or otherwise not public (ALLOW_PRIVATE_NETWORK lists exceptions)",
    { retryable: false },
  );
}
