import type { Actor, Engine } from "../engine/index.ts";

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

function secretIn({ authorization, "x-api-key": apiKey }: Credentials): string | null {
  if (typeof authorization === "string") return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
  return typeof apiKey === "string" ? apiKey : null;
}
