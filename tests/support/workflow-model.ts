import type { JsonValue } from "../../engine/model/json.ts";
import { DELAY_SECONDS, type GeneratedStep, readsOf, type Undo, type Work } from "./generated-workflow.ts";

/** What becomes of a record if nothing stops it. */
export interface Fate {
  readonly status: "completed" | "failed" | "skipped";
  readonly attempts: number;
  readonly output: JsonValue;
  readonly undo: Undo | null;
  /** Position of its step. */
  readonly step: number;
}

/** The documented semantics once more, one step after the other, without time, concurrency or storage. */
export function fatesOf(steps: readonly GeneratedStep[]): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  steps.forEach((step, position) => {
    const set = (name: string, fate: Omit<Fate, "step">): Omit<Fate, "step"> => {
      fates.set(name, { ...fate, step: position });
      return fate;
    };
    const reads = readsOf(steps, step).map((read) => whatIsRead(steps[read]!, fates.get(steps[read]!.name)!));
    const leaf = (name: string, key: string, work: Work, failures: number) =>
      set(name, workFate(work, key, failures, reads));
    const unit = (name: string, failures: number): Omit<Fate, "step"> => {
      if (!step.branch) return leaf(name, step.name, step.work, failures);
      const { taken, chosen } = step.branch;
      const inner =
        chosen && leaf(`${name}[${taken}]`, `${step.name}:inline`, chosen, step.items ? failures : chosen.failures);
      const own = { attempts: 1, undo: step.work.undo };
      if (inner?.status === "failed") return set(name, { ...own, status: "failed", output: null });
      const output = { condition_met: taken, branch: String(taken), output: inner?.output ?? null };
      return set(name, { ...own, status: "completed", output });
    };
    if (step.if === false) set(step.name, { status: "skipped", attempts: 0, output: null, undo: null });
    else if (step.items === null) unit(step.name, step.work.failures);
    else {
      const items = step.items.map((failures, i) => unit(`${step.name}[${i}]`, failures));
      const failed = items.some((item) => item.status === "failed") && step.onError === "fail";
      const output = items.map((item) => (item.status === "failed" ? { error: "STEP_FAILED" } : item.output));
      set(step.name, {
        status: failed ? "failed" : "completed",
        attempts: 1,
        output: failed ? null : output,
        undo: null,
      });
    }
  });
  return fates;
}

function workFate(work: Work, key: string, failures: number, reads: readonly string[]): Omit<Fate, "step"> {
  const { undo } = work;
  if (work.kind === "delay") return { status: "completed", attempts: 1, output: { delayed: DELAY_SECONDS }, undo };
  const { attempts, succeeds } = outcomeOf(failures, work.maxAttempts, work.isFatal);
  if (!succeeds) return { status: "failed", attempts, output: null, undo };
  return { status: "completed", attempts, output: { key, reads: [...reads] }, undo };
}

export function outcomeOf(
  failures: number,
  maxAttempts: number,
  isFatal: boolean,
): { readonly attempts: number; readonly succeeds: boolean } {
  if (failures === 0) return { attempts: 1, succeeds: true };
  if (isFatal) return { attempts: 1, succeeds: false };
  return { attempts: Math.min(failures + 1, maxAttempts), succeeds: failures < maxAttempts };
}

function whatIsRead(step: GeneratedStep, { status, output }: Fate): string {
  if (status !== "completed") return "none";
  const { branch, key } = output as { branch?: string; key?: string };
  return (step.branch ? branch : key) ?? "none";
}
