import { Migration001Engine } from "./001-engine.ts";

/** In the order in which they run. Append only. */
export const migrations = [{ name: "001-engine", class: Migration001Engine }];
