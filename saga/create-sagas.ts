import {
  asService,
  audited,
  channels,
  DomainError,
  type Engine,
  type EngineLogger,
  type ErrorCode,
  type EventTrigger,
  MAX_DEPTH,
  payDescendant,
  type TenantId,
} from "../engine/index.ts";
import { eventChanges, replayChanges, sagaTypeChanges } from "./audit-changes.ts";
import { causeOf } from "./events/cause.ts";
import { createConsumer } from "./events/consumer.ts";
import type { DomainEvent } from "./events/domain-event.ts";
import { ANY_DOMAIN_EVENT, EventStore } from "./events/event-store.ts";
import { createProjector } from "./events/projector.ts";
import { openRedisStreams, type RedisStreams } from "./events/redis-streams.ts";
import { subscriptions } from "./events/subscriptions.ts";
import { Follower } from "./follower.ts";
import { SagaService } from "./saga-service.ts";
import { SagaTypeService } from "./types/saga-type-service.ts";

const DEFAULT_PREFIX = "stepwire";
/** Another try may succeed where these were met. */
const passing: ReadonlySet<ErrorCode> = new Set(["SHUTTING_DOWN", "DATABASE_UNAVAILABLE", "INTERNAL"]);
/** With several processes a hint may be lost with Redis: then somebody looks all the same. */
const LOOK_MS = 5_000;

export interface SagasOptions {
  readonly engine: Engine;
  readonly log: EngineLogger;
  /** Absent: no Redis Streams. */
  readonly redisUrl?: string | undefined;
  /** What the names of the Redis Streams begin with. Default `stepwire`. */
  readonly streamPrefix?: string | undefined;
}

export interface Sagas {
  readonly sagas: SagaService;
  readonly types: SagaTypeService;
  readonly events: EventStore;
  /** Sends a stream from this version on to the Redis Streams again, if there are any; whoever else was told is not told again. */
  replay(tenantId: TenantId, streamId: string, fromVersion: number): Promise<readonly DomainEvent[]>;
  /** Before the engine stops. */
  stop(): Promise<void>;
}

/** The saga orchestrator over an engine: types, sagas, domain events, and what follows them. */
export async function createSagas({ engine, log, redisUrl, streamPrefix }: SagasOptions): Promise<Sagas> {
  const { database, bus } = engine;
  const events = new EventStore(database, bus);
  const types = new SagaTypeService(database, bus, engine.workflows);
  const sagas = new SagaService(engine, types);
  await types.start();

  const { consume, committed } = subscriptions({
    start: (trigger, event) => asService(() => startTriggered({ engine, types }, trigger, event, log)),
    restBeforeStart: async (tenantId) => {
      const spent = await payDescendant(engine.rateLimiter, tenantId);
      return spent === null ? 0 : spent.retryAfterSeconds * 1_000;
    },
    signalled: (ids) => engine.wake(ids),
  });
  const projector = new Follower("Making domain events", createProjector(database, events), log);
  const dispatcher = new Follower(
    "Dispatching domain events",
    createConsumer(database, "dispatch", consume, committed),
    log,
  );
  const streams = redisUrl === undefined ? null : await openRedisStreams(redisUrl, streamPrefix ?? DEFAULT_PREFIX, log);
  const relay =
    streams && new Follower("Relaying domain events", createConsumer(database, "redis", streams.consume), log);

  const dispatch = (): void => {
    dispatcher.hint();
    relay?.hint();
  };
  const heard = await Promise.all([
    bus.subscribe(channels.journal, projector.hint, projector.hint),
    bus.subscribe(ANY_DOMAIN_EVENT, dispatch, dispatch),
  ]);
  const look = (): void => {
    projector.hint();
    dispatch();
  };
  const timer = redisUrl === undefined ? undefined : setInterval(look, LOOK_MS).unref();
  look();
  const replay: Sagas["replay"] = async (tenantId, streamId, fromVersion) => {
    const { events: found } = await events.stream(tenantId, streamId, fromVersion, null);
    await streams?.replay(found);
    return found;
  };
  return {
    sagas,
    types: audited(types, sagaTypeChanges),
    events: audited(events, eventChanges),
    replay: audited({ replay }, replayChanges).replay,
    stop: () => stop({ timer, heard, followers: [projector, dispatcher, ...(relay ? [relay] : [])], streams }),
  };
}

async function stop(parts: {
  readonly timer: NodeJS.Timeout | undefined;
  readonly heard: readonly { unsubscribe(): void }[];
  readonly followers: readonly Follower[];
  readonly streams: RedisStreams | null;
}): Promise<void> {
  clearInterval(parts.timer);
  for (const subscription of parts.heard) subscription.unsubscribe();
  await Promise.all(parts.followers.map((follower) => follower.stop()));
  await parts.streams?.close();
}

/** The key makes an event start each of its receivers once, however often this is tried. */
async function startTriggered(
  { engine, types }: { readonly engine: Engine; readonly types: SagaTypeService },
  { kind, workflowId }: EventTrigger,
  event: DomainEvent,
  log: EngineLogger,
): Promise<void> {
  const { tenantId, correlationId } = event;
  const cause = causeOf(event);
  if (cause.depth > MAX_DEPTH) {
    log("warning", "An event starts nothing: its chain is too long", { event: event.type, workflow_id: workflowId });
    return;
  }
  const request = {
    triggerType: "event",
    triggerData: kind === "workflow" ? envelopeOf(event) : event.data,
    // Once for each receiver.
    idempotencyKey: `event:${cause.depth}:${event.id}`,
    correlationId,
    cause,
  } as const;
  try {
    if (kind === "workflow") await engine.executions.start({ ...request, tenantId, workflowId });
    else {
      const type = (await types.list(tenantId)).find((known) => known.workflowId === workflowId);
      if (!type) return;
      types.checkInput(type, event.data);
      await engine.executions.startSaga(type, request);
    }
  } catch (error) {
    // What is wrong with the receiver or the event stays wrong: the others must not wait for it.
    if (!(error instanceof DomainError) || passing.has(error.code)) throw error;
    log("warning", "An event could not start what it triggers", {
      event: event.type,
      workflow_id: workflowId,
      error: error.message,
    });
  }
}

function envelopeOf(event: DomainEvent) {
  return {
    event_id: event.id,
    event_type: event.type,
    aggregate_id: event.aggregateId,
    aggregate_type: event.aggregateType,
    correlation_id: event.correlationId,
    position: event.position,
    data: event.data,
  };
}
