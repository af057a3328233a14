import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";

/** 144 bits: out of reach for whoever has to guess, and whole characters of base64, so that a message has one spelling. */
const MAC_BYTES = 18;
const MAC_CHARS = 24;
const SENDER_BYTES = 6;
/** Senders that are remembered. Each start of a process is one. */
const MAX_SENDERS = 1_000;
const form = /^([\w-]{8})\.(\d{1,15})\./;

/**
 * Tells the messages of our own processes from those of others who can reach the broker: each carries a MAC over its channel, its
 * sender, its number and its text. The key is in Postgres, which is asked for what is true anyway. A message that is told
 * again is refused by its number.
 */
export class Seal {
  private readonly key: KeyObject;
  private readonly sender = randomBytes(SENDER_BYTES).toString("base64url");
  private sent = 0;
  private readonly heard = new Map<string, number>();

  constructor(key: Buffer) {
    this.key = createSecretKey(key);
  }

  close(channel: string, body: string): string {
    this.sent += 1;
    const text = `${this.sender}.${this.sent}.${body}`;
    return this.mac(channel, text).toString("base64url") + text;
  }

  /** The text that was closed; null when it is not from one of us, was for another channel, or came before. */
  open(channel: string, sealed: string): string | null {
    const text = sealed.slice(MAC_CHARS);
    const [head, sender, number] = form.exec(text) ?? [];
    if (head === undefined || sender === undefined) return null;
    const mac = Buffer.from(sealed.slice(0, MAC_CHARS), "base64url");
    if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.mac(channel, text))) return null;
    if (Number(number) <= (this.heard.get(sender) ?? 0)) return null;
    this.heard.delete(sender);
    this.heard.set(sender, Number(number));
    if (this.heard.size > MAX_SENDERS) this.heard.delete(this.heard.keys().next().value!);
    return text.slice(head.length);
  }

  private mac(channel: string, text: string): Buffer {
    return createHmac("sha256", this.key).update(`${channel}\0${text}`).digest().subarray(0, MAC_BYTES);
  }
}
