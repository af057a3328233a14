/** Runs in a thread: see thread.ts. */
import { parentPort } from "node:worker_threads";
import type { JsonValue } from "../model/index.ts";
import { type Measure, measureOf } from "./measure.ts";
import type { Bound, ParseJob, ParseReply } from "./parse.ts";
import { toParts } from "./parts.ts";
import { walkLevels } from "./walk.ts";

function parse({ bytes, charset, wantsText, maxLevels, bound }: ParseJob): ParseReply {
  const source = new TextDecoder(charset).decode(bytes);
  const text = wantsText ? source : "";
  let value: JsonValue;
  try {
    value = JSON.parse(source) as JsonValue;
  } catch {
    return { text, problem: "no JSON", json: null, beyond: null };
  }
  const beyond = bound === null ? null : takeOutBeyond(value, bound);
  const { isDeep, isPoisoned } = walkLevels(value, maxLevels);
  if (isDeep) return { text, problem: "deep", json: null, beyond };
  return { text, problem: isPoisoned ? "poisoned" : null, json: toParts(value), beyond };
}

/** Puts null in the place of what is larger than its bound. @returns its measure; null: there is no such thing */
function takeOutBeyond(value: JsonValue, { path, levels, values }: Bound): Measure | null {
  let holder: unknown = value;
  let part: unknown = value;
  for (const key of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, key)) return null;
    holder = part;
    part = (part as Record<string, unknown>)[key];
  }
  if (typeof part !== "object" || part === null) return null;
  // Too deep to be counted by recursion: its levels are reason enough.
  const isDeep = walkLevels(part, levels).isDeep;
  const measure = isDeep ? { values: 0, characters: 0, size: 0, levels: levels + 1 } : measureOf(part);
  if (!isDeep && measure.values <= values) return null;
  (holder as Record<string, unknown>)[path.at(-1)!] = null;
  return measure;
}

parentPort?.on("message", (job: ParseJob) => parentPort?.postMessage(parse(job)));
