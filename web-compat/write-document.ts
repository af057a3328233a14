import { readFile, writeFile } from "node:fs/promises";
import Fastify from "fastify";
import type { Engine } from "../engine/index.ts";
import { serveRest } from "./index.ts";

/** `npm run schema` writes openapi.json; with --check it only tells whether that is up to date. */
const file = new URL("../../openapi.json", import.meta.url);
const server = Fastify();
// The document is made of the routes alone: none is called.
const engine = {} as Engine;
const nobody = (): Promise<never> => Promise.reject(new Error("nobody asks"));
const metrics = { access: "open", contentType: "text/plain", read: nobody } as const;
const document = await serveRest(server, { engine, authenticate: nobody, metrics });
await server.ready();
const text = `${JSON.stringify(document(), null, 2)}\n`;

if (!process.argv.includes("--check")) await writeFile(file, text);
else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
  process.stderr.write("openapi.json does not show the routes of the code: run `npm run schema` and commit it\n");
  process.exitCode = 1;
}
