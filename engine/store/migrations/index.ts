import { Migration001Engine } from "./001-engine.ts";
import { Migration002Template } from "./002-template.ts";
import { Migration003Schedule } from "./003-schedule.ts";
import { Migration004Webhook } from "./004-webhook.ts";
import { Migration009Statistics } from "./009-statistics.ts";
import { Migration015Lists } from "./015-lists.ts";
import { Migration020Saga } from "./020-saga.ts";

/** In the order in which they run. Append only. */
export const migrations = [
  { name: "001-engine", class: Migration001Engine },
  { name: "002-template", class: Migration002Template },
  { name: "003-schedule", class: Migration003Schedule },
  { name: "004-webhook", class: Migration004Webhook },
  { name: "009-statistics", class: Migration009Statistics },
  { name: "015-lists", class: Migration015Lists },
  { name: "020-saga", class: Migration020Saga },
];
