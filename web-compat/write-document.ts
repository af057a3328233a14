import { readFile, writeFile } from "node:fs/promises";
import Fastify, { type FastifyInstance } from "fastify";
import type { Engine } from "../engine/index.ts";
import type { Sagas } from "../saga/index.ts";
import { serveRest, serveSagaRest } from "./index.ts";

/** `npm run schema` writes openapi.json and openapi-saga.json; with --check it only tells whether they are up to date. */
// The documents are made of the routes alone: none is called.
const engine = {} as Engine;
const sagas = { sagas: {}, types: {}, events: {} } as Sagas;
const authenticate = (): Promise<never> => Promise.reject(new Error("nobody asks"));
const metrics = { access: "open", contentType: "text/plain", read: authenticate } as const;

await write("openapi.json", (server) => serveRest(server, { engine, authenticate, metrics }));
await write("openapi-saga.json", (server) => serveSagaRest(server, { engine, sagas, authenticate }));

async function write(name: string, serve: (server: FastifyInstance) => Promise<() => object>): Promise<void> {
  const file = new URL(`../../${name}`, import.meta.url);
  const server = Fastify();
  const document = await serve(server);
  await server.ready();
  const text = `${JSON.stringify(document(), null, 2)}\n`;
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`${name} does not show the routes of the code: run \`npm run schema\` and commit it\n`);
    process.exitCode = 1;
  }
}
