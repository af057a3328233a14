import type { JsonValue, TenantId } from "../model/index.ts";
import { keepMeasure, type Measure } from "./measure.ts";
import { fromParts, type Part } from "./parts.ts";
import { inSlices } from "./slices.ts";
import { runInThread } from "./thread.ts";

export interface ParseJob {
  readonly bytes: Uint8Array;
  /** As TextDecoder knows it. */
  readonly charset: string;
  readonly wantsText: boolean;
  readonly maxLevels: number;
  readonly bound: Bound | null;
}

export interface ParseReply {
  readonly text: string;
  readonly problem: ParseProblem | null;
  readonly json: Part | null;
  /** Of what the bound is on, when it is larger: it is not in `json`. */
  readonly beyond: Measure | null;
}

/** `poisoned`: it has keys that reach prototypes. `deep`: more levels than may be walked. */
type ParseProblem = "no JSON" | "deep" | "poisoned";

export interface Parsed {
  /** "" unless it is wanted. */
  readonly text: string;
  readonly problem: ParseProblem | null;
  /** Undefined when it is no JSON, or too deep. */
  readonly json: JsonValue | undefined;
}

/** For a part that will be refused when it is larger than this. */
export interface Bound {
  /** From the outermost object. */
  readonly path: readonly [string, ...string[]];
  readonly levels: number;
  readonly values: number;
}

interface ParseOptions {
  /** Whose it is: tenants take turns. */
  readonly tenantId: TenantId;
  /** Default UTF-8. */
  readonly charset?: string;
  /** Default false. */
  readonly wantsText?: boolean;
  /** What is beyond it is never built: an empty object stands in its place, whose known measure says why. Default none. */
  readonly bound?: Bound;
}

/** What walks JSON here goes by recursion. */
export const MAX_LEVELS = 1_000;

/**
 * Parses in a thread, and takes the value over in slices. JSON.parse alone takes up to half a second for ten MiB of small
 * objects. The bytes are given away: nobody else may use them.
 */
export async function parseLargeJson(bytes: Buffer, options: ParseOptions): Promise<Parsed> {
  const { charset = "utf-8", wantsText = false, bound = null } = options;
  // A slice of Node's pool of small buffers cannot be given away.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  const job: ParseJob = { bytes: own, charset, wantsText, maxLevels: MAX_LEVELS, bound };
  let parsed: Parsed | null = null;
  await runInThread(options.tenantId, job, own.buffer as ArrayBuffer, async (reply) => {
    parsed = await takenOver(reply, bound);
  });
  return parsed!;
}

async function takenOver({ text, problem, json: part, beyond }: ParseReply, bound: Bound | null): Promise<Parsed> {
  if (part === null) return { text, problem, json: undefined };
  const json = await inSlices(fromParts(part), "taking over");
  if (bound !== null && beyond !== null) putInPlace(json, bound.path, keepMeasure({}, beyond));
  return { text, problem, json };
}

function putInPlace(json: JsonValue, path: Bound["path"], standIn: JsonValue): void {
  let holder = json as Record<string, JsonValue>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, JsonValue>;
  holder[path.at(-1)!] = standIn;
}
