import { setTimeout as sleep } from "node:timers/promises";

/** Executions that are being started at the same time. */
const STARTERS = 8;
/** Each start waits for the moment of its turn, so that a fault finds some before, some under way and some after. */
const PACE_MS = 20;
/** Far above the deadline that the service sets itself for a request. */
const REQUEST_LIMIT_MS = 60_000;
/** Between two tries of one start. */
const RETRY_MS = 100;

const post = (path: string, rest: object = {}) => ({
  type: "http_request",
  config: { method: "POST", url: `{{trigger.origin}}/effect/{{trigger.n}}/${path}` },
  retry: { max_attempts: 5, initial_seconds: 0.1, jitter: "none" },
  ...rest,
});

/** Four effects, a timer and what needs neither. */
export const workOf = (origin: string) => ({
  name: "work",
  workflow_config: {
    steps: [
      { name: "first", ...post("first") },
      { name: "wait", type: "delay", config: { seconds: 0.2 } },
      { name: "each", ...post("each/{{item}}"), for_each: { items: [1, 2], concurrency: 1 }, depends_on: ["wait"] },
      { name: "note", type: "log", config: { message: `{{trigger.n}} of ${origin}` } },
      { name: "last", ...post("last") },
    ],
  },
});
export const effectsOf = (n: string): string[] =>
  ["first", "each/1", "each/2", "last"].map((path) => `/effect/${n}/${path}`);

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: scenarios read what they asked for, whatever its shape.
  readonly body: any;
}

export type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Starts executions as a careful client does: under a key, again until there is an answer that says yes or no. */
export class Load {
  /** Execution ids by the number of their start. */
  readonly started = new Map<string, number>();
  /** Answers that nobody should get, whatever the fault: anything but 200, 429 and a 503 with a code and Retry-After. */
  readonly bad = new Map<string, number>();
  refused = 0;
  /** False: the service is given up, and what was not accepted is not tried again. */
  isOn = true;
  slowestMs = 0;

  constructor(
    private readonly ask: (method: string, path: string, init: RequestInit) => Promise<Response>,
    private readonly origin: string,
  ) {}

  /** Starts `count` executions of a workflow; their numbers begin with `name`. Resolves when all are accepted. */
  async run(workflowId: number, name: string, count: number): Promise<void> {
    let next = 0;
    const begun = performance.now();
    const starter = async (): Promise<void> => {
      while (next < count) {
        const turn = next++;
        await sleep(Math.max(begun + turn * PACE_MS - performance.now(), 0));
        await this.start(workflowId, `${name}${turn}`);
      }
    };
    await Promise.all(Array.from({ length: STARTERS }, starter));
  }

  private async start(workflowId: number, n: string): Promise<void> {
    while (this.isOn) {
      const begun = performance.now();
      try {
        const response = await this.ask("POST", `/api/v1/workflows/${workflowId}/execute`, {
          headers: { "idempotency-key": n, "content-type": "application/json" },
          body: JSON.stringify({ trigger_data: { n, origin: this.origin } }),
          signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        });
        const text = await response.text();
        this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
        if (response.status === 200) return void this.started.set(n, JSON.parse(text).execution_id);
        this.judge(response, text);
      } catch (error) {
        // Nobody listens, or the connection broke: whether it was started shows when it is asked again.
        if ((error as Error).name === "TimeoutError") this.bad.set(`none in ${REQUEST_LIMIT_MS / 1_000} s`, 1);
      }
      this.refused += 1;
      await sleep(RETRY_MS);
    }
  }

  private judge({ status, headers }: Response, text: string): void {
    const isFine = (status === 503 || status === 429) && headers.has("retry-after") && text.includes("error_code");
    if (isFine) return;
    const answer = `${status} ${/"error_code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 100)}`;
    this.bad.set(answer, (this.bad.get(answer) ?? 0) + 1);
  }
}
