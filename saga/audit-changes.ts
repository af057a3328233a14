import type { Changes } from "../engine/index.ts";
import type { Sagas } from "./create-sagas.ts";
import type { EventStore } from "./events/event-store.ts";
import type { SagaTypeService } from "./types/saga-type-service.ts";

/** What the audit log is told of changes here. Sagas themselves are executions, of which the engine tells. */

export const sagaTypeChanges: Changes<SagaTypeService> = {
  register: {
    action: "saga_type.register",
    target: ([, { name }]) => (typeof name === "string" ? `saga_type:${name}` : null),
    before: async (types, [tenantId, { name }]) => factsOf(await types.get(tenantId, String(name))),
    after: factsOf,
    asked: ([, document]) => document,
  },
};

export const eventChanges: Changes<EventStore> = {
  publish: {
    action: "event.publish",
    target: ([{ aggregateType, aggregateId }]) => `stream:${aggregateType}-${aggregateId}`,
    after: ({ id, type, position, version }) => ({ id, type, position, version }),
    asked: ([{ type, aggregateType, aggregateId, expectedVersion = null }]) => ({
      type,
      aggregateType,
      aggregateId,
      expectedVersion,
    }),
    // The event itself.
    hasRecord: true,
  },
};

export const replayChanges: Changes<Pick<Sagas, "replay">> = {
  replay: {
    action: "stream.replay",
    target: ([, streamId]) => `stream:${streamId}`,
    after: (events, [, , fromVersion]) => ({ fromVersion, replayed: events.length }),
    asked: ([, , fromVersion]) => ({ fromVersion }),
  },
};

function factsOf({ name, version }: Awaited<ReturnType<SagaTypeService["get"]>>) {
  return { name, version };
}
