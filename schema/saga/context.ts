import type { Actor, Engine } from "../../engine/index.ts";
import type { Sagas } from "../../saga/index.ts";
import { type Context, createContext } from "../context.ts";

/** What a resolver of the orchestrator knows of the operation it works for. */
export interface SagaContext extends Context {
  readonly orchestrator: Sagas;
}

export function createSagaContext(
  engine: Engine,
  orchestrator: Sagas,
  actor: Actor,
  correlationId: string,
): SagaContext {
  return { ...createContext(engine, actor, correlationId), orchestrator };
}
