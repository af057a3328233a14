import { type Actor, DomainError, type Engine } from "../engine/index.ts";

/** Header names in lower case, or what a client sends as connection parameters. */
type Credentials = Readonly<Record<string, unknown>>;

export type Authentication =
  | { readonly actor: Actor; readonly secret: string }
  | { readonly actor: null; readonly message: "API key required" | "Invalid API key" };

/** `Authorization: Bearer KEY`, or `X-API-Key: KEY` as older clients send it. */
export async function authenticate(keys: Engine["keys"], credentials: Credentials): Promise<Authentication> {
  const secret = secretIn(credentials);
  if (secret === null) return { actor: null, message: "API key required" };
  const actor = await keys.authenticate(secret);
  return actor === null ? { actor, message: "Invalid API key" } : { actor, secret };
}

/** @throws DomainError UNAUTHENTICATED */
export async function requireActor(keys: Engine["keys"], credentials: Credentials): Promise<Actor> {
  const found = await authenticate(keys, credentials);
  if (found.actor !== null) return found.actor;
  throw new DomainError("UNAUTHENTICATED", found.message);
}

function secretIn({ authorization, "x-api-key": apiKey }: Credentials): string | null {
  if (typeof authorization === "string") return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
  return typeof apiKey === "string" ? apiKey : null;
}
