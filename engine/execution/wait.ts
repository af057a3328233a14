import { MASK } from "../expression/index.ts";
import {
  type EventData,
  isGivenUp,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  StepError,
  type StepRecord,
  type Suspension,
} from "../model/index.ts";
import type { ExecutionRun } from "./run.ts";
import { completeStep, failStep, hasSecretOutput } from "./settle.ts";
import { unitOf } from "./unit.ts";

/** A step begins to wait: from now on it is a row, with a time if there is a limit. */
export async function suspend(
  run: ExecutionRun,
  record: StepRecord,
  wait: Suspension,
  timeoutSeconds: number | null,
): Promise<void> {
  const limit = timeoutSeconds === null ? Number.POSITIVE_INFINITY : run.ports.now() + timeoutSeconds * 1_000;
  const waiting = (wakeAt: number, data: EventData["step.waiting"]["wait"]): void => {
    const wake = Math.min(wakeAt, limit);
    const wake_at = Number.isFinite(wake) ? new Date(wake).toISOString() : null;
    run.emit("step.waiting", record.id, { name: record.name, wait: data, wake_at });
    run.frontier.waiting.add(record.id);
  };
  switch (wait.suspend) {
    case "timer": {
      const until = wait.until.getTime();
      return waiting(until, {
        kind: "timer",
        until: new Date(until).toISOString(),
        output: run.secrets.mask(wait.output),
      });
    }
    case "event":
      waiting(wait.until?.getTime() ?? Number.POSITIVE_INFINITY, {
        kind: "event",
        event: wait.name,
        correlation: wait.correlation,
        approval: wait.approval,
        ...(wait.match && { match: run.secrets.mask(wait.match) }),
        ...(wait.publish && { publish: { type: wait.publish.type, data: run.secrets.mask(wait.publish.data) } }),
      });
      break;
    case "execution": {
      const found = await run.ports.child(run.execution, record, wait, shownTrigger(run, record));
      if (isGivenUp(run.execution, record.role)) {
        if (found.kind === "new") run.ports.childStored(found.child);
        throw new StepError("CANCELLED", "The execution was stopped", { retryable: false });
      }
      if (found.kind === "completed") return childEnded(run, record, found.id);
      const id = found.kind === "new" ? found.child.state.execution.id : found.id;
      waiting(Number.POSITIVE_INFINITY, { kind: "execution", execution_id: id });
      if (found.kind === "new") {
        const { child } = found;
        const stored = (): void => run.ports.childStored(child);
        run.entry.spawn(child);
        run.entry.committed().then(stored, stored);
      } else if (found.reopens) run.entry.send(id, { kind: "retry", step_id: null });
    }
  }
}

/** Trigger data that hold secrets, as they are shown; null: they hold none. */
function shownTrigger(run: ExecutionRun, record: StepRecord): JsonObject | null {
  if (unitOf(run, record).action.hides === null) return null;
  const { trigger_data: shown = {} } = record.input as { readonly trigger_data?: JsonValue };
  return isJsonObject(shown) ? shown : { [MASK]: MASK };
}

/** Goes on with the steps whose time has come. */
export function wakeDue(run: ExecutionRun): void {
  const now = run.ports.now();
  for (const id of [...run.frontier.waiting]) {
    const record = run.step(id);
    if (record.wakeAt === null || record.wakeAt > now) continue;
    run.frontier.waiting.delete(id);
    run.woken();
    settleWait(run, record);
  }
}

function settleWait(run: ExecutionRun, record: StepRecord): void {
  const { wait } = record;
  if (wait?.kind === "retry") {
    run.frontier.ready.push(unitOf(run, record));
  } else if (wait?.kind === "timer" && Date.parse(wait.until) <= run.ports.now()) {
    completeStep(run, record, wait.output);
  } else if (wait?.kind === "event") {
    const what = wait.approval ? "approval" : `event ${wait.event}`;
    failStep(run, record, new StepError("EVENT_TIMEOUT", `The ${what} did not come in time`, { retryable: false }));
  } else {
    if (wait?.kind === "execution") {
      run.entry.send(wait.execution_id, { kind: "cancel", compensate: true, reason: "Its parent step timed out" });
    }
    failStep(run, record, new StepError("TIMEOUT", "The wait took longer than timeout_seconds", { retryable: false }));
  }
}

/** A child execution is over. Its result is read from Postgres, so this goes on as work in hand. */
export function childEnded(run: ExecutionRun, record: StepRecord, executionId: number): void {
  run.hold(
    run.ports.childResult(executionId, hasSecretOutput(run, record)).then(({ status, result, error }) => {
      if (status === "completed") completeStep(run, record, { execution_id: executionId, status, result });
      else {
        const message = `Execution ${executionId} ended as ${status}${error ? `: ${error.message}` : ""}`;
        failStep(
          run,
          record,
          new StepError("CHILD_FAILED", message, { retryable: false, details: { execution_id: executionId } }),
        );
      }
    }),
  );
}
