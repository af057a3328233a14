import { Migration001Engine } from "./001-engine.ts";
import { Migration002Template } from "./002-template.ts";

/** In the order in which they run. Append only. */
export const migrations = [
  { name: "001-engine", class: Migration001Engine },
  { name: "002-template", class: Migration002Template },
];
