/** Runs in a thread: see thread.ts. */
import { parentPort } from "node:worker_threads";
import type { JsonValue } from "../json.ts";
import type { ParseJob, ParseReply } from "./parse.ts";
import { toParts } from "./parts.ts";
import { walkLevels } from "./walk.ts";

function parse({ bytes, charset, maxLevels }: ParseJob): ParseReply {
  const text = new TextDecoder(charset).decode(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return { text, problem: "no JSON", json: null };
  }
  const { isDeep, isPoisoned } = walkLevels(value, maxLevels);
  if (isDeep) return { text, problem: "deep", json: null };
  return { text, problem: isPoisoned ? "poisoned" : null, json: toParts(value) };
}

parentPort?.on("message", (job: ParseJob) => parentPort?.postMessage(parse(job)));
