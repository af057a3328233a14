import type { JsonValue } from "../json.ts";
import { fromParts, type Part } from "./parts.ts";
import { inSlices } from "./slices.ts";
import { runInThread } from "./thread.ts";

export interface ParseJob {
  readonly bytes: Uint8Array;
  /** As TextDecoder knows it. */
  readonly charset: string;
  readonly maxLevels: number;
}

export interface ParseReply {
  readonly text: string;
  readonly problem: ParseProblem | null;
  readonly json: Part | null;
}

/** `poisoned`: it has keys that reach prototypes. `deep`: more levels than may be walked. */
export type ParseProblem = "no JSON" | "deep" | "poisoned";

export interface Parsed {
  readonly text: string;
  readonly problem: ParseProblem | null;
  /** Undefined when it is no JSON, or too deep. */
  readonly json: JsonValue | undefined;
}

/** What walks JSON here goes by recursion. */
export const MAX_LEVELS = 1_000;

/**
 * Parses in a thread, and takes the value over in slices. JSON.parse alone takes up to half a second for ten MiB of small
 * objects. The bytes are given away: nobody else may use them.
 */
export async function parseLargeJson(bytes: Buffer, charset = "utf-8", maxLevels = MAX_LEVELS): Promise<Parsed> {
  // A slice of Node's pool of small buffers cannot be given away.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  const job: ParseJob = { bytes: own, charset, maxLevels };
  const { text, problem, json } = await runInThread(job, own.buffer as ArrayBuffer);
  return { text, problem, json: json === null ? undefined : await inSlices(fromParts(json), "taking over") };
}
