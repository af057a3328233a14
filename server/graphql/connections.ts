import type { Actor, Engine } from "../../engine/index.ts";

/** Streams and sockets that stay open, by key: so many and no more, and none longer than the key is valid. */
export class Connections {
  private readonly counts = new Map<number, number>();

  constructor(
    private readonly keys: Pick<Engine["keys"], "watch">,
    private readonly maxPerKey: number,
  ) {}

  /**
   * `revoked` is called within a second after the key was revoked or has expired.
   * @returns what is to be called when the connection closes; null when the key has too many already
   */
  open(actor: Actor, revoked: () => void): (() => void) | null {
    const { keyId } = actor;
    const count = this.counts.get(keyId) ?? 0;
    if (count >= this.maxPerKey) return null;
    this.counts.set(keyId, count + 1);
    const unwatch = this.keys.watch(actor, revoked);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      unwatch();
      const left = this.counts.get(keyId)! - 1;
      if (left > 0) this.counts.set(keyId, left);
      else this.counts.delete(keyId);
    };
  }
}
