import { type ExecutionState, type JsonValue, type StepRecord, visibleOutput } from "../model/index.ts";
import type { RunSecrets } from "./run-secrets.ts";

/** What expressions see of the steps before. */
export class StepOutputs {
  /** Step name → output, in clear. */
  byName = noOutputs();

  constructor(
    private readonly secrets: RunSecrets,
    state: ExecutionState,
  ) {
    this.restore(state);
  }

  restore({ steps }: ExecutionState): void {
    this.byName = noOutputs();
    for (const record of steps.values()) this.remember(record);
  }

  /** Makes the output of a top-level step visible to those after it. */
  remember(record: StepRecord): void {
    if (record.parentId !== null || record.role !== "action") return;
    const output = visibleOutput(record);
    if (output !== undefined) this.byName[record.name] = this.secrets.outputOf(record);
    // After on_error: continue, later steps can ask why.
    else if (record.status === "failed") this.byName[record.name] = { error: record.error as unknown as JsonValue };
  }
}

function noOutputs(): Record<string, JsonValue> {
  return Object.create(null) as Record<string, JsonValue>;
}
