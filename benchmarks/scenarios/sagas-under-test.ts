import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  channels,
  createDiskFileStore,
  createEngine,
  createHttpClient,
  type ExecutionEvent,
  endingEvents,
  type JsonObject,
  numberOf,
  tenantNamed,
} from "../../engine/index.ts";
import { KEY_BYTES, Keyring } from "../../engine/secret/keyring.ts";
import { createSagas } from "../../saga/index.ts";

const TENANT = tenantNamed("bench");
const STOP_LIMIT_MS = 5000;
const COMMANDS = ["one", "two", "three", "four"];

export interface SagasUnderTest {
  /** Four commands to a participant; resolves when the saga is over and its last event is published. */
  saga(type: "completing" | "failing"): Promise<void>;
  /** The same four requests as a workflow of `http_request` steps. */
  plain(): Promise<void>;
  /** Resolves when every domain event of what has run is stored. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** The orchestrator over an engine of its own, as the service runs them. */
export async function openSagas(
  databaseUrl: string,
  participant: string,
  concurrency: number,
): Promise<SagasUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), "stepwire-bench-files-"));
  const http = createHttpClient({ allowPrivate: ["127.0.0.1"], userAgent: "stepwire-bench" });
  const log = (level: string, message: string, fields: object): void => console.error(level, message, fields);
  const engine = await createEngine({
    databaseUrl,
    concurrency,
    environment: new Map(),
    keyring: new Keyring([Buffer.alloc(KEY_BYTES)]),
    http,
    participants: { services: new Map([["shop", participant]]), http },
    mailer: null,
    fileStore: await createDiskFileStore({ directory }),
    log,
  });
  const orchestrator = await createSagas({ engine, log });
  await orchestrator.types.register(TENANT, { name: "completing", steps: stepsOf(COMMANDS) });
  await orchestrator.types.register(TENANT, { name: "failing", steps: stepsOf([...COMMANDS.slice(0, 3), "refuse"]) });
  const workflow = await engine.workflows.create(TENANT, {
    name: "plain",
    workflow_config: { steps: COMMANDS.map((name) => requestOf(name, participant)) },
  });

  const asked = new Map<number, () => void>();
  const early = new Set<number>();
  await engine.bus.subscribe(channels.tenant(TENANT), (message) => {
    const { executionId, type } = message as ExecutionEvent;
    if (!endingEvents.includes(type)) return;
    const answer = asked.get(executionId);
    if (!answer) early.add(executionId);
    asked.delete(executionId);
    answer?.();
  });
  const ended = (id: number): Promise<void> =>
    early.delete(id) ? Promise.resolve() : new Promise((resolve) => asked.set(id, resolve));

  return {
    saga: async (type) => {
      const id = await orchestrator.sagas.start(TENANT, { type, input: { order: 1 }, correlationId: null });
      await ended(numberOf(id)!);
    },
    plain: async () => {
      const request = { tenantId: TENANT, workflowId: workflow.id, triggerData: { order: 1 } };
      await ended((await engine.executions.start(request)).id);
    },
    caughtUp: async () => {
      for (;;) {
        const { rows } = await engine.database.query("SELECT FROM journal_note LIMIT 1");
        if (rows.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: async () => {
      await orchestrator.stop();
      await engine.stop(STOP_LIMIT_MS);
      await http.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function stepsOf(commands: readonly string[]): JsonObject[] {
  return commands.map((command) => ({
    name: command,
    service: "shop",
    command,
    compensation: { command: `undo_${command}` },
  }));
}

function requestOf(name: string, participant: string): JsonObject {
  return {
    name,
    type: "http_request",
    config: {
      method: "POST",
      url: `${participant}/commands`,
      data: { command: name, data: { order: "{{trigger.order}}" } },
    },
  };
}
