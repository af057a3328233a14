import { setTimeout as sleep } from "node:timers/promises";

/** What a hostile tenant has: the address of the service, keys of its own, and a server that does what it wants. */
export interface Hostile {
  readonly address: string;
  readonly upstream: string;
  ask(method: string, path: string, body?: unknown): Promise<number>;
  workflow(steps: readonly unknown[]): Promise<number>;
  upload(filename: string, content: string): Promise<number>;
}

export interface HostileLoad {
  readonly name: string;
  readonly label: string;
  /** Resolves when the load is on; it stays on, or is made again and again, until the process ends. */
  begin(hostile: Hostile): Promise<void>;
}

const AT_ONCE = 4;
const HANGING = 10_000;
const FORKS = 10;
const ALIASES = 29;
const KEYS_OF_ARGUMENT = 200_000;
/** After a refusal: rate limits are on. */
const REFUSED_MS = 100;
const LARGE_TEXT = "one two three four five\n".repeat(400_000);

/** So many at a time, without end. */
function again(once: () => Promise<number>, atOnce = AT_ONCE): void {
  const loop = async (): Promise<void> => {
    for (;;) if ((await once()) >= 400) await sleep(REFUSED_MS);
  };
  for (let i = 0; i < atOnce; i++) void loop();
}

const call = (url: string) => ({ name: "call", type: "http_request", config: { url, timeout_seconds: 600 } });

export const hostileLoads: readonly HostileLoad[] = [
  {
    name: "answers",
    label: "answers of 9 MB",
    async begin({ workflow, ask, upstream }) {
      const id = await workflow([call(`${upstream}/large`), { ...call(`${upstream}/large`), name: "again" }]);
      again(() => ask("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: {} }));
    },
  },
  {
    name: "aliases",
    label: `queries with ${ALIASES} aliases of definitionSchema`,
    async begin({ ask }) {
      const query = `{ ${Array.from({ length: ALIASES }, (_, i) => `a${i}: definitionSchema`).join(" ")} }`;
      again(() => ask("POST", "/graphql", { query }));
    },
  },
  {
    name: "hanging",
    label: `${HANGING.toLocaleString("en")} requests to a server that never answers`,
    async begin({ workflow, ask, upstream }) {
      const id = await workflow([call(`${upstream}/hang`)]);
      let left = HANGING;
      const loop = async (): Promise<void> => {
        while (left-- > 0) {
          if ((await ask("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: {} })) >= 400) left += 1;
        }
      };
      await Promise.all(Array.from({ length: 50 }, loop));
    },
  },
  {
    name: "forks",
    label: "a workflow that starts ten of itself",
    async begin({ workflow, ask }) {
      const items = Array.from({ length: FORKS }, (_, i) => i);
      const config = { workflow_id: "{{trigger.self}}", trigger_data: { self: "{{trigger.self}}" } };
      const id = await workflow([{ name: "fork", type: "workflow", config, for_each: { items, concurrency: FORKS } }]);
      await ask("POST", `/api/v1/workflows/${id}/execute`, { trigger_data: { self: id } });
    },
  },
  {
    name: "files",
    label: "uploads of 9.6 MB that are read",
    async begin({ upload }) {
      again(() => upload("large.txt", LARGE_TEXT));
    },
  },
  {
    name: "arguments",
    label: `definitions with ${KEYS_OF_ARGUMENT.toLocaleString("en")} keys`,
    async begin({ ask }) {
      const definition = Object.fromEntries(Array.from({ length: KEYS_OF_ARGUMENT }, (_, i) => [`k${i}`, i]));
      const query = "query ($definition: JSONObject!) { validateDefinition(definition: $definition) { isValid } }";
      again(() => ask("POST", "/graphql", { query, variables: { definition } }));
    },
  },
];
