import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TestRedis } from "../support/redis.ts";
import { type Service, type ServiceOptions, startService } from "../support/service.ts";
import type { Usage } from "./inside.ts";
import { type Answer, Load, workOf } from "./load.ts";
import type { ChaosPostgres } from "./postgres.ts";
import type { Upstream } from "./upstream.ts";

const inside = fileURLToPath(new URL("./inside.js", import.meta.url));
const LOOK_MS = 100;
export const API_KEY = "sw_chaos_9f3b1c7d5e2a8046bd1f73c95ae2604d";

export interface Servers {
  readonly postgres: ChaosPostgres;
  readonly redis: TestRedis;
  readonly upstream: Upstream;
}

/** A service under a fault: on a database of its own, among servers that a scenario may hurt. */
export class World {
  readonly postgres: ChaosPostgres;
  readonly redis: TestRedis;
  readonly upstream: Upstream;
  readonly load: Load;
  service!: Service;
  workId = 0;
  private port = "0";
  private sagaPort = "0";
  private readonly control = join(tmpdir(), `chaos-${randomBytes(6).toString("hex")}`);

  private constructor(
    servers: Servers,
    /** Of the database. */
    readonly name: string,
    private readonly databaseUrl: string,
    private readonly options: Partial<ServiceOptions>,
    /** Of whatever is chosen by chance. */
    readonly seed: number,
    /** Executions that the scenario begins with. */
    readonly size: number,
  ) {
    ({ postgres: this.postgres, redis: this.redis, upstream: this.upstream } = servers);
    this.load = new Load(async (method, path, init) => {
      const headers = { authorization: `Bearer ${API_KEY}`, ...(init.headers as Record<string, string>) };
      return fetch(`${this.address}${path}`, { ...init, method, headers });
    }, this.upstream.origin);
  }

  static async open(servers: Servers, options: Partial<ServiceOptions>, seed: number, size: number): Promise<World> {
    servers.upstream.clear();
    const name = `chaos_${randomBytes(6).toString("hex")}`;
    const world = new World(servers, name, await servers.postgres.database(name), options, seed, size);
    await world.start();
    const { body } = await world.ask("POST", "/api/v1/workflows", workOf("chaos"));
    world.workId = body.id;
    return world;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get sagaAddress(): string {
    return `http://127.0.0.1:${this.sagaPort}`;
  }

  get pid(): number {
    return this.service.process.pid!;
  }

  get isAlive(): boolean {
    const { exitCode, signalCode } = this.service.process;
    return exitCode === null && signalCode === null;
  }

  /** Starts the service, again at the address where it was; resolves when it is ready. */
  async start(): Promise<void> {
    this.service = startService({
      ...this.options,
      nodeArgs: ["--import", inside, ...(this.options.nodeArgs ?? [])],
      env: {
        DATABASE_URL: this.databaseUrl,
        REDIS_URL: this.redis.url,
        API_KEY,
        LOG_LEVEL: "warn",
        RATE_LIMITS: "off",
        ALLOW_PRIVATE_NETWORK: "127.0.0.1",
        PORT: this.port,
        SAGA_PORT: this.sagaPort,
        FILE_STORE: `${this.control}-files`,
        CHAOS_SOCKET: this.control,
        ...this.options.env,
      },
    });
    this.port = new URL(await this.service.address).port;
    this.sagaPort = new URL((await this.service.sagaAddress)!).port;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.address + path, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text };
  }

  /** Makes a workflow of these steps; returns its id. */
  async workflow(name: string, steps: readonly unknown[], rest: object = {}): Promise<number> {
    const { status, body } = await this.ask("POST", "/api/v1/workflows", { name, workflow_config: { steps }, ...rest });
    if (status !== 200) throw new Error(`a workflow was refused: ${JSON.stringify(body)}`);
    return body.id;
  }

  async execute(workflowId: number, trigger: object = {}): Promise<Answer> {
    const trigger_data = { origin: this.upstream.origin, ...trigger };
    return this.ask("POST", `/api/v1/workflows/${workflowId}/execute`, { trigger_data });
  }

  /** Resolves when an execution is over, by what Postgres says. */
  async ended(executionId: number): Promise<void> {
    const over = "status IN ('completed', 'failed', 'timed_out', 'cancelled')";
    await this.until(`SELECT 1 FROM execution WHERE id = ${executionId} AND ${over}`);
  }

  /** Resolves when `/ready` answers so, and rejects when it does not in time. */
  async readyIs(status: number, limitMs: number): Promise<void> {
    for (const deadline = performance.now() + limitMs; ; await sleep(LOOK_MS)) {
      const answer = await this.ask("GET", "/ready");
      if (answer.status === status) return;
      if (performance.now() > deadline) {
        throw new Error(`/ready is not ${status} within ${limitMs / 1_000} s, but ${JSON.stringify(answer.body)}`);
      }
    }
  }

  /** Whether the load's executions of this name are completed within a time. */
  async workEnded(name: string, limitMs: number): Promise<boolean> {
    const ids = [...this.load.started].filter(([n]) => n.startsWith(name)).map(([, id]) => id);
    const done = this.until(
      `SELECT 1 WHERE ${ids.length} = (SELECT count(*) FROM execution WHERE id IN (${ids}) AND status = 'completed')`,
    ).then(() => true);
    return Promise.race([done, sleep(limitMs, false)]);
  }

  /** Nothing is under way any more, and no event is left that could start something. */
  async settled(): Promise<void> {
    const open = "status IN ('pending', 'running', 'waiting', 'compensating')";
    const behind = "SELECT 1 FROM domain_event_cursor d JOIN domain_event_counter c USING (tenant_id)";
    await this.until(
      `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM execution WHERE ${open}) AND NOT EXISTS (SELECT 1 FROM journal_note)
       AND NOT EXISTS (${behind} WHERE d.position < c.position)`,
    );
  }

  /** Executions of a workflow. */
  async countOf(workflowId: number): Promise<number> {
    const { rows } = await this.look(`SELECT count(*)::int AS n FROM execution WHERE workflow_id = ${workflowId}`);
    return rows[0].n;
  }

  // biome-ignore lint/suspicious/noExplicitAny: scenarios read what they selected, whatever its shape.
  look(statement: string): Promise<{ readonly rows: any[] }> {
    return this.postgres.session(this.name, (client) => client.query(statement));
  }

  private async until(statement: string): Promise<void> {
    while ((await this.look(statement)).rows.length === 0) await sleep(LOOK_MS);
  }

  /** After garbage has gone; `descriptors` as the system counts them. */
  async usage(): Promise<Usage & { readonly descriptors: number }> {
    const usage = JSON.parse(await this.inside("/usage")) as Usage;
    return { ...usage, descriptors: (await readdir(`/proc/${this.pid}/fd`)).length };
  }

  /** Moves the clock that the service sees; from then on it runs at `rate`. */
  async setClock(byMs: number, rate = 1): Promise<void> {
    await this.inside(`/clock?by=${byMs}&rate=${rate}`);
  }

  private inside(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      request({ socketPath: this.control, path }, (response) => {
        response.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()), reject);
      })
        .on("error", reject)
        .end();
    });
  }
}
