import type { IncomingMessage } from "node:http";
import { type Actor, DomainError, type Engine } from "../engine/index.ts";
import type { Edge } from "./edge.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; absent on open routes only. */
    actor?: Actor;
  }
}

/** Header names in lower case, or what a client sends as connection parameters. */
type Credentials = Readonly<Record<string, unknown>>;

type Authentication = { readonly actor: Actor } | { readonly actor: null; readonly refusal: DomainError };

/** Whose key a request carries: in its headers, or in `credentials` where these are given. */
export type Authenticate = (request: IncomingMessage, credentials?: Credentials) => Promise<Authentication>;

/** For both ports, so that who tries keys at one is braked at the other. */
export function createAuthenticate(keys: Engine["keys"], edge: Pick<Edge, "braked">): Authenticate {
  return async (request, credentials = request.headers) => {
    const secret = secretIn(credentials);
    if (secret === null) return refused("API key required");
    const found = await edge.braked(request, secret, () => keys.authenticate(secret));
    if (found instanceof DomainError) return { actor: null, refusal: found };
    return found === null ? refused("Invalid API key") : { actor: found };
  };
}

/** The same, for whoever would rather throw. @throws DomainError UNAUTHENTICATED, RATE_LIMITED */
export function actorOrThrow(authenticate: Authenticate): (request: IncomingMessage) => Promise<Actor> {
  return async (request) => {
    const found = await authenticate(request);
    if (found.actor !== null) return found.actor;
    throw found.refusal;
  };
}

function refused(message: "API key required" | "Invalid API key"): Authentication {
  return { actor: null, refusal: new DomainError("UNAUTHENTICATED", message) };
}

function secretIn({ authorization, "x-api-key": apiKey }: Credentials): string | null {
  if (typeof authorization === "string") return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
  return typeof apiKey === "string" ? apiKey : null;
}
