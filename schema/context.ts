import type { Actor, Engine, Requester } from "../engine/index.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What a resolver knows of the operation it works for. */
export interface Context {
  readonly actor: Actor;
  readonly engine: Engine;
  readonly loaders: Loaders;
  /** Ties answers, logs and the executions that are started to the request. */
  readonly correlationId: string;
}

export function createContext(engine: Engine, actor: Actor, correlationId: string): Context {
  return { actor, engine, loaders: createLoaders(engine, actor), correlationId };
}

/** As the audit log names whoever asks. */
export function requesterOf({ actor, correlationId }: Pick<Context, "actor" | "correlationId">): Requester {
  return { tenantId: actor.tenantId, actor: `key:${actor.keyId}`, correlationId };
}
