import { z } from "zod";
import { fieldTexts, type JsonObject } from "../../engine/index.ts";
import { type DomainEvent, domainEventTexts, eventInput, type Sagas, streamOf } from "../../saga/index.ts";
import { count, isoOf, jsonObject, timestamp, told } from "../fields.ts";
import { actorOf } from "../guard.ts";
import { refusals } from "../openapi.ts";
import type { RestServer } from "../rest-server.ts";
import { word, wordUpTo } from "./fields.ts";
import type { SagaRestOptions } from "./saga-options.ts";

/** A type and an id of 255 characters each, and the hyphen between them. */
const MAX_STREAM_ID = 511;

const tags = ["events"];
const MAX = 999_999_999;
const params = z.strictObject({
  stream_id: wordUpTo(MAX_STREAM_ID).describe("`<aggregate_type>-<aggregate_id>`, or the bare id of an aggregate."),
});

const event = z
  .strictObject(
    told(domainEventTexts, {
      id: z.string(),
      type: z.string(),
      aggregate_id: z.string(),
      aggregate_type: z.string(),
      version: z.int().min(1),
      position: z.int().min(1),
      stream_id: z.string(),
      data: jsonObject,
      metadata: jsonObject,
      timestamp,
      correlation_id: z.string().nullable(),
      causation_id: z.string().nullable(),
    }),
  )
  .meta({ id: "Event" });

const about = fieldTexts(eventInput);

const events = z.strictObject({ events: z.array(event), total: z.int().min(0) });

const read = { access: "read", limit: "monitoring" } as const;
const execute = { access: "execute", limit: "monitoring" } as const;

/** `/events`: publish, and read what was published. */
export function serveEvents(server: RestServer, { sagas }: SagaRestOptions): void {
  for (const serve of [publishEvent, readStream, readEvents, listEventTypes, replayStream]) serve(server, sagas);
}

function publishEvent(server: RestServer, { events: store }: Sagas): void {
  server.post(
    "/events/publish",
    {
      config: execute,
      schema: {
        tags,
        operationId: "publishEvent",
        summary: "Publish an event: it starts what it triggers and wakes what waits for it",
        body: z.object(
          told(about, {
            event_type: word.describe(about.type),
            aggregate_id: word,
            aggregate_type: word,
            data: jsonObject.default({}),
            metadata: jsonObject.default({}),
            correlation_id: word.nullish(),
            causation_id: word.nullish(),
            expected_version: z.int().min(0).max(MAX).nullish(),
          }),
        ),
        response: {
          200: z.strictObject({
            status: z.literal("published"),
            event_id: z.string(),
            stream_id: z.string(),
            version: z.int(),
            position: z.int(),
          }),
          ...refusals(400, 401, 403, 409, 429),
        },
      },
    },
    async (request) => {
      const { body } = request;
      const stored = await store.publish({
        tenantId: actorOf(request).tenantId,
        type: body.event_type,
        aggregateType: body.aggregate_type,
        aggregateId: body.aggregate_id,
        data: body.data as JsonObject,
        metadata: body.metadata as JsonObject,
        correlationId: body.correlation_id ?? null,
        causationId: body.causation_id ?? null,
        expectedVersion: body.expected_version ?? null,
      });
      const { id: event_id, version, position } = stored;
      return { status: "published", event_id, stream_id: streamOf(stored), version, position } as const;
    },
  );
}

function readStream(server: RestServer, { events: store }: Sagas): void {
  server.get(
    "/events/stream/:stream_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "readStream",
        summary: "Read the events of a stream by version, at most 1,000",
        params,
        querystring: z.object({
          from_version: count(0, MAX, 0).describe("The first version. Default 0: from the beginning."),
          to_version: count(0, MAX, MAX).describe("The last version. Default: to the end."),
        }),
        response: { 200: events, ...refusals(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { from_version, to_version } = request.query;
      const page = await store.stream(actorOf(request).tenantId, request.params.stream_id, from_version, to_version);
      return { events: page.events.map(present), total: page.total };
    },
  );
}

function readEvents(server: RestServer, { events: store }: Sagas): void {
  server.get(
    "/events/all",
    {
      config: read,
      schema: {
        tags,
        operationId: "readEvents",
        summary: "Read all events in the order of their positions",
        querystring: z.object({
          from_position: count(0, MAX, 0).describe("The position after which to read. Default 0: from the beginning."),
          max_count: count(1, 1_000, 100),
        }),
        response: { 200: events, ...refusals(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { from_position, max_count } = request.query;
      const page = await store.all(actorOf(request).tenantId, from_position, max_count);
      return { events: page.events.map(present), total: page.total };
    },
  );
}

function listEventTypes(server: RestServer, { events: store }: Sagas): void {
  server.get(
    "/events/types",
    {
      config: read,
      schema: {
        tags,
        operationId: "listEventTypes",
        summary: "List the names of events: the product's own, and those that clients have published",
        response: { 200: z.strictObject({ event_types: z.array(z.string()) }), ...refusals(401, 403, 429) },
      },
    },
    async (request) => ({ event_types: await store.types(actorOf(request).tenantId) }),
  );
}

function replayStream(server: RestServer, { replay }: Sagas): void {
  server.post(
    "/events/replay/:stream_id",
    {
      // It may read and send all that one answer holds.
      config: { ...execute, points: 10 },
      schema: {
        tags,
        operationId: "replayStream",
        summary: "Send the events of a stream to the Redis Streams again, marked as replayed, and return them",
        params,
        querystring: z.object({
          from_version: count(0, MAX, 0).describe("The first version. Default 0: from the beginning."),
        }),
        body: z.unknown().optional(),
        response: {
          200: z.strictObject({
            status: z.literal("replayed"),
            stream_id: z.string(),
            replayed: z.int().min(0),
            events: z.array(event),
          }),
          ...refusals(400, 401, 403, 429),
        },
      },
    },
    async (request) => {
      const { stream_id } = request.params;
      const replayed = await replay(actorOf(request).tenantId, stream_id, request.query.from_version);
      return { status: "replayed", stream_id, replayed: replayed.length, events: replayed.map(present) } as const;
    },
  );
}

function present(one: DomainEvent): z.output<typeof event> {
  return {
    id: one.id,
    type: one.type,
    aggregate_id: one.aggregateId,
    aggregate_type: one.aggregateType,
    version: one.version,
    position: one.position,
    stream_id: streamOf(one),
    data: one.data,
    metadata: one.metadata,
    timestamp: isoOf(one.at),
    correlation_id: one.correlationId,
    causation_id: one.causationId,
  };
}
