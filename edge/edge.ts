import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { DomainError } from "../engine/index.ts";
import { clientNetworkOf, networkOf, type TrustedProxies, trusting } from "./address.ts";
import { KeyBrake } from "./key-brake.ts";
import { Tally } from "./tally.ts";

/** Why a connection was ended before its time. */
type Cut =
  /** One more than the process takes. */
  | "too_many"
  /** One more than an address may have. */
  | "too_many_of_address"
  /** What came was no HTTP, or came too slowly. */
  | "broken"
  | "slow"
  /** The client went away in the middle of its request. */
  | "aborted"
  /** What was answered without a key was not read in time. */
  | "unread"
  /** It asked for a host that is not ours. */
  | "foreign_host"
  /** A WebSocket that sent too much before its key. */
  | "too_much_before_key"
  /** The system could not take it: out of descriptors, mostly. */
  | "not_accepted";

interface EdgeLimits {
  /** Connections of both ports together. */
  readonly maxConnections: number;
  /** Of one address, or one /64 of IPv6. Proxies that are trusted have no limit but the first. */
  readonly maxConnectionsPerAddress: number;
}

const defaultEdgeLimits: EdgeLimits = { maxConnections: 10_000, maxConnectionsPerAddress: 5_000 };

interface EdgeOptions {
  /** Unknown keys of one address in a minute, before it is braked. Default: no number of them is too many. */
  readonly failedKeysPerMinute?: number;
  readonly limits?: EdgeLimits;
  /** Whose `X-Forwarded-For` is believed. Default nobody's. */
  readonly trustedProxies?: readonly string[];
  /** Names that requests may be for, beside addresses and localhost; null: any. Default null. */
  readonly hosts?: ReadonlySet<string> | null;
  /** Told of each connection that is cut, and of each key that is refused. */
  readonly observer?: EdgeObserver;
}

interface EdgeObserver {
  connectionCut(reason: string): void;
  keyRefused(reason: string): void;
}

/** What both ports know of their clients before a key is known: how many there are, where they come from, why they were cut. */
export class Edge {
  readonly hosts: ReadonlySet<string> | null;
  private readonly proxies: TrustedProxies;
  private readonly brake: KeyBrake;
  private readonly limits: EdgeLimits;
  private readonly cuts: Tally;
  private readonly byNetwork = new Map<string, number>();
  /** Of sockets that are open. */
  private readonly networks = new WeakMap<Socket, string>();
  private count = 0;

  constructor(logger: Pick<FastifyBaseLogger, "warn">, options: EdgeOptions = {}) {
    const { observer, failedKeysPerMinute = Number.POSITIVE_INFINITY } = options;
    this.limits = options.limits ?? defaultEdgeLimits;
    this.proxies = trusting(options.trustedProxies ?? []);
    this.hosts = options.hosts ?? null;
    this.cuts = new Tally(logger, "connections were cut", (reason) => observer?.connectionCut(reason));
    const refusals = new Tally(logger, "keys were refused", (reason) => observer?.keyRefused(reason));
    this.brake = new KeyBrake(failedKeysPerMinute, refusals);
  }

  /** Connections that are open. */
  get connections(): number {
    return this.count;
  }

  /** Counts a connection until it closes; one too many is closed at once. */
  admit(socket: Socket): void {
    const network = networkOf(socket.remoteAddress ?? "");
    const own = this.byNetwork.get(network) ?? 0;
    if (this.count >= this.limits.maxConnections) return void this.cut(socket, "too_many");
    const isProxy = socket.remoteAddress !== undefined && this.proxies(socket.remoteAddress);
    if (own >= this.limits.maxConnectionsPerAddress && !isProxy) return void this.cut(socket, "too_many_of_address");
    this.count += 1;
    this.byNetwork.set(network, own + 1);
    this.networks.set(socket, network);
    socket.once("close", () => this.forget(network));
  }

  /** Looks up whose a secret is; or not, when too many that are nobody's came from where the request does. */
  async braked<T>(
    request: IncomingMessage,
    secret: string,
    look: () => Promise<T | null>,
  ): Promise<T | DomainError | null> {
    const network = this.networkOf(request);
    const retryAfterSeconds = this.brake.secondsLeft(network, secret);
    if (retryAfterSeconds > 0) {
      const message = "Too many unknown keys came from this address: try again later";
      return new DomainError("RATE_LIMITED", message, { retryAfterSeconds });
    }
    const found = await look();
    if (found === null) this.brake.failed(network, secret);
    else this.brake.succeeded(secret);
    return found;
  }

  /** Of the client: what is behind a proxy may be another with each request. */
  private networkOf(request: IncomingMessage): string {
    const { socket } = request;
    const known = this.proxies(socket.remoteAddress ?? "") ? undefined : this.networks.get(socket);
    return known ?? clientNetworkOf(request, this.proxies);
  }

  cut(stream: { destroy(): unknown }, reason: Cut): void {
    this.note(reason);
    stream.destroy();
  }

  note(reason: Cut): void {
    this.cuts.note(reason);
  }

  private forget(network: string): void {
    this.count -= 1;
    const left = this.byNetwork.get(network)! - 1;
    if (left > 0) this.byNetwork.set(network, left);
    else this.byNetwork.delete(network);
  }
}
