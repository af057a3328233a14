import type pg from "pg";
import { type Bus, channels } from "../bus/index.ts";
import type { Dispatcher } from "../dispatch/index.ts";
import { DomainError, type ExecutionEvent, type ExecutionRecord, type StepRecord } from "../model/index.ts";
import {
  type CommandFate,
  commandByKey,
  commandFate,
  readExecution,
  type SentCommand,
  sendCommand,
  sendCommandOnce,
  stepById,
} from "../store/index.ts";
import { checkName } from "./command-input.ts";
import { type CommandData, refusalOf } from "./command-rules.ts";
import { requestHash } from "./request-hash.ts";

/** How long a command waits to see its effect, so that its answer can show it. The command itself is stored before. */
const EFFECT_WAIT_MS = 2_000;

interface CommandDeps {
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly dispatcher: Dispatcher;
}

export interface Command {
  readonly data: CommandData;
  /** The step that it names. */
  readonly step?: StepRecord | undefined;
  /** The same key with the same command is carried out once, and answered alike. 1 to 255 characters. */
  readonly idempotencyKey?: string | null | undefined;
}

export interface Commanded {
  readonly execution: ExecutionRecord;
  /** As it is after the command. */
  readonly step: StepRecord | null;
  /** `waiting`: it is stored, and nobody has acted on it within two seconds. */
  readonly fate: Exclude<CommandFate, "refused">;
}

/**
 * Stores a command as a signal and waits a little for whoever holds the execution to act on it. @throws DomainError
 * INVALID_STATE when a rule is against it, now or when it is acted on: of several that exclude each other only one is.
 */
export async function command(deps: CommandDeps, execution: ExecutionRecord, asked: Command): Promise<Commanded> {
  const { pool, bus, dispatcher } = deps;
  let told = Promise.withResolvers<void>();
  const subscription = await bus.subscribe(channels.execution(execution.id), (message) => {
    if (message === null || (message as ExecutionEvent).seq > execution.lastSeq) told.resolve();
  });
  const until = performance.now() + EFFECT_WAIT_MS;
  const timer = setTimeout(() => told.resolve(), EFFECT_WAIT_MS);
  try {
    const sent = await send(pool, execution, asked);
    dispatcher.enqueue(execution.id, 0);
    for (;;) {
      if (!sent.isRepeat) await told.promise;
      told = Promise.withResolvers();
      const fate = await commandFate(pool, execution.id, sent);
      if (fate === "waiting" && !sent.isRepeat && performance.now() < until) continue;
      const [now = execution, step] = await standing(pool, execution.id, asked.step);
      if (fate !== "refused") return { execution: now, step, fate };
      const reason = refusalOf(asked.data, now, step);
      throw new DomainError(
        "INVALID_STATE",
        `Something else came first. ${reason?.message ?? `Execution is ${now.status}`}`,
      );
    }
  } finally {
    clearTimeout(timer);
    subscription.unsubscribe();
  }
}

async function send(
  pool: pg.Pool,
  execution: ExecutionRecord,
  { data, step, idempotencyKey: key = null }: Command,
): Promise<SentCommand & { readonly isRepeat: boolean }> {
  const { id, lastSeq } = execution;
  const check = (): void => {
    const refusal = refusalOf(data, execution, step ?? null);
    if (refusal) throw refusal;
  };
  if (key === null) {
    check();
    const signalId = (await sendCommand(pool, id, data)) ?? removed();
    return { signalId, lastSeq, isRepeat: false };
  }
  checkName("idempotency_key", key);
  const hash = requestHash([data]);
  const known = await repeated(pool, id, key, hash);
  if (known) return known;
  check();
  const signalId = await sendCommandOnce(pool, id, data, { key, hash, lastSeq });
  if (signalId !== null) return { signalId, lastSeq, isRepeat: false };
  // Somebody else used the key between our look and our write.
  return (await repeated(pool, id, key, hash)) ?? removed();
}

function removed(): never {
  throw new DomainError("EXECUTION_NOT_FOUND", "Execution not found", { field: "execution_id" });
}

async function repeated(pool: pg.Pool, executionId: number, key: string, hash: string) {
  const known = await commandByKey(pool, executionId, key);
  if (known && known.hash !== hash) {
    throw new DomainError("IDEMPOTENCY_CONFLICT", "The idempotency key was used with another request", {
      field: "idempotency_key",
    });
  }
  return known && { ...known, isRepeat: true };
}

async function standing(pool: pg.Pool, executionId: number, step: StepRecord | undefined) {
  const [execution, found] = await Promise.all([readExecution(pool, executionId), step && stepById(pool, step.id)]);
  return [execution ?? undefined, found?.step ?? step ?? null] as const;
}
