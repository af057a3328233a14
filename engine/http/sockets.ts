import type { TenantId } from "../model/index.ts";
import { Share } from "../share/index.ts";

/** Connections to one origin; more of a client would be taken for an attack by many. */
export const MAX_SOCKETS_PER_ORIGIN = 128;
/** To all of them. Each is a descriptor, and a few KB of buffers. */
const MAX_SOCKETS = 1_024;

/**
 * Requests that are on the wire. Whoever waits for a server that does not answer has a socket until its time-out, and no
 * other tenant's request waits behind it: not for a connection to the same server either.
 */
export class Sockets {
  private readonly all = new Share(MAX_SOCKETS);
  private readonly origins = new Map<string, Share>();

  /** Runs it when there is a socket for it. Rejects with the signal's reason while it waits. */
  async use<T>(origin: string, tenantId: TenantId, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const own = this.origins.get(origin) ?? new Share(MAX_SOCKETS_PER_ORIGIN);
    this.origins.set(origin, own);
    const turn = own.take(tenantId, 1);
    if (turn) await turn.taken(signal);
    try {
      const second = this.all.take(tenantId, 1);
      if (second) await second.taken(signal);
      try {
        return await run();
      } finally {
        this.all.give(tenantId, 1);
      }
    } finally {
      own.give(tenantId, 1);
      if (own.isIdle && this.origins.get(origin) === own) this.origins.delete(origin);
    }
  }
}
