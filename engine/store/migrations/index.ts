import { Migration001Engine } from "./001-engine.ts";
import { Migration004Webhook } from "./004-webhook.ts";

/** In the order in which they run. Append only. */
export const migrations = [
  { name: "001-engine", class: Migration001Engine },
  { name: "004-webhook", class: Migration004Webhook },
];
