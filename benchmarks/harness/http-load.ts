import { Pool } from "undici";
import { type Load, sustainedRate } from "./load.ts";
import { percentile } from "./statistics.ts";

export interface HttpRequest {
  /** Address of the server, without path. */
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpRate {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** POSTs the same body again and again. Rejects when an answer differs in length from the first, or is none. */
export async function postRate(load: Load, { origin, path, headers, body }: HttpRequest): Promise<HttpRate> {
  const pool = new Pool(origin, { connections: load.inFlight, pipelining: 1 });
  const durationsMs: number[] = [];
  const post = async (): Promise<string> => {
    const answer = await pool.request({ method: "POST", path, headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${origin}${path} answered ${answer.statusCode}: ${text}`);
    return text;
  };
  try {
    const first = await post();
    if (first.includes('"errors"')) throw new Error(`${origin}${path} answered ${first}`);
    const tolerated = first.length / 10;
    const { perSecond } = await sustainedRate(load, async () => {
      const startedAt = performance.now();
      const text = await post();
      durationsMs.push(performance.now() - startedAt);
      if (Math.abs(text.length - first.length) > tolerated) throw new Error(`another answer: ${text}`);
    });
    const counted = durationsMs.slice(
      Math.floor((durationsMs.length * load.warmUpMs) / (load.warmUpMs + load.measureMs)),
    );
    return {
      requestsPerSecond: perSecond,
      p50Ms: percentile(counted, 0.5),
      p99Ms: percentile(counted, 0.99),
    };
  } finally {
    await pool.close();
  }
}
