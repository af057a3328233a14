import Fastify, { type FastifyInstance } from "fastify";
import { emit } from "../documents/emit.ts";
import type { Engine } from "../engine/index.ts";
import type { Sagas } from "../saga/index.ts";
import { serveRest, serveSagaRest } from "./index.ts";

/** Emits the OpenAPI documents: they are made of the routes alone, none is called. */
const engine = {} as Engine;
const sagas = { sagas: {}, types: {}, events: {} } as Sagas;
const authenticate = (): Promise<never> => Promise.reject(new Error("nobody asks"));
const metrics = { access: "open", contentType: "text/plain", read: authenticate } as const;

await write("api/openapi.json", (server) => serveRest(server, { engine, authenticate, metrics }));
await write("api/openapi-saga.json", (server) => serveSagaRest(server, { engine, sagas, authenticate }));

async function write(path: string, serve: (server: FastifyInstance) => Promise<() => object>): Promise<void> {
  const server = Fastify();
  const document = await serve(server);
  await server.ready();
  await emit(path, `${JSON.stringify(document(), null, 2)}\n`);
}
