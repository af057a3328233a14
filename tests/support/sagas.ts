import type { EngineOptions } from "../../engine/index.ts";
import { createHttpClient, endingEvents, type JsonObject } from "../../engine/index.ts";
import { createSagas, type DomainEvent, type Saga, type Sagas, type SagasOptions } from "../../saga/index.ts";
import { TENANT, type TestEngine, testEngine } from "./engine.ts";

export interface TestSagas {
  readonly t: TestEngine;
  readonly sagas: Sagas;
  /** Registers a type of these steps and starts a saga of it. */
  run(steps: readonly unknown[], options?: { input?: JsonObject; type?: JsonObject }): Promise<string>;
  /** Waits, by its events, until the saga is over; checks that its rows are the fold of its events. */
  finished(sagaId: string): Promise<Saga>;
  /** Waits for the domain events of these types, in any order after `after`. */
  heard(count: number, types: readonly string[], after?: number): Promise<DomainEvent[]>;
  close(): Promise<void>;
}

/** The orchestrator over an engine on a database of its own; `services` are its participants. */
export async function testSagas(
  services: Readonly<Record<string, string>> = {},
  overrides: Partial<EngineOptions> = {},
  sagaOverrides: Partial<SagasOptions> = {},
): Promise<TestSagas> {
  const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "test" });
  const participants = { services: new Map(Object.entries(services)), http };
  const t = await testEngine({ participants, ...overrides });
  const sagas = await createSagas({ engine: t.engine, log: () => {}, ...sagaOverrides });
  let types = 0;
  return {
    t,
    sagas,
    run: async (steps, { input = {}, type = {} } = {}) => {
      const name = `type_${++types}`;
      await sagas.types.register(TENANT, { name, steps, ...type } as unknown as JsonObject);
      return sagas.sagas.start(TENANT, { type: name, input, correlationId: null });
    },
    finished: async (sagaId) => {
      const { execution } = await sagas.sagas.get(TENANT, sagaId);
      for await (const event of await sagas.sagas.events(TENANT, sagaId, 0)) {
        if (endingEvents.includes(event.type) && event.seq >= execution.lastSeq) break;
      }
      await t.finished(execution.id);
      return sagas.sagas.get(TENANT, sagaId);
    },
    heard: async (count, types, after = 0) => {
      const found: DomainEvent[] = [];
      for await (const event of await sagas.events.follow(TENANT, after, types)) {
        found.push(event);
        if (found.length === count) break;
      }
      return found;
    },
    close: async () => {
      await sagas.stop();
      await t.close();
      await http.close();
    },
  };
}
