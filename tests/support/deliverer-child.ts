import type { WebhookTarget } from "../../engine/definition/webhook-target.ts";
import { noMask } from "../../engine/expression/index.ts";
import { createHttpClient } from "../../engine/http/index.ts";
import { openDatabase } from "../../engine/store/database.ts";
import { WebhookDeliverer } from "../../engine/webhook/deliverer.ts";

/** A deliverer in a process of its own, for tests that kill it: the address of the database, and where to send. */
const [databaseUrl, url] = process.argv.slice(2) as [string, string];
const { pool } = await openDatabase(databaseUrl);
const target = { url, urlTemplate: { resolve: () => url }, secretTemplate: null } as unknown as WebhookTarget;
new WebhookDeliverer({
  pool,
  http: createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "Stepwire/test" }),
  mask: noMask,
  targets: async () => [target],
  log: () => {},
  leaseMs: 400,
}).start();
