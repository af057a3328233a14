import { styleText } from "node:util";

/** What the demo selects of an ExecutionEvent. */
export interface Happening {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly stepName: string | null;
  readonly data: {
    readonly attempt?: number;
    readonly retry_at?: string;
    readonly reason?: string;
    readonly error?: { readonly code: string; readonly message: string };
  };
}

interface Running {
  readonly since: number;
  readonly attempt: number;
}

const NAME_WIDTH = 22;
const isTerminal = process.stdout.isTTY === true;

/** Prints a line for each step of an execution as its events come in; on a terminal, also the one that runs. */
export function createProgress(write: (text: string) => void): (event: Happening) => void {
  const running = new Map<string, Running>();

  function line(mark: string, { stepName, at }: Happening, status: string, note = ""): void {
    const run = running.get(stepName!);
    const took = run === undefined ? "" : `${Math.max(Date.parse(at) - run.since, 0)} ms`;
    const attempt = run === undefined ? "" : `attempt ${run.attempt}`;
    const cells = [stepName!.padEnd(NAME_WIDTH), status.padEnd(10), took.padStart(8), attempt];
    clear();
    write(`  ${mark} ${cells.join("  ").trimEnd()}${note === "" ? "" : `  ${styleText("dim", note)}`}\n`);
  }

  function clear(): void {
    if (isTerminal) write("\r\x1b[K");
  }

  return (event) => {
    const { type, stepName, at, data } = event;
    if (stepName === null) return;
    switch (type) {
      case "STEP_STARTED":
        running.set(stepName, { since: Date.parse(at), attempt: data.attempt ?? 1 });
        if (isTerminal) write(`\r\x1b[K  ${styleText("cyan", "…")} ${stepName}`);
        return;
      case "STEP_RETRYING": {
        const inMs = Math.max(Date.parse(data.retry_at!) - Date.parse(at), 0);
        return line(styleText("yellow", "↻"), event, "retrying", `${data.error?.message}; again in ${inMs} ms`);
      }
      case "STEP_COMPLETED":
        return line(styleText("green", "✔"), event, "completed");
      case "STEP_FAILED":
        return line(styleText("red", "✖"), event, "failed", data.error?.message);
      case "STEP_SKIPPED":
        return line(styleText("dim", "-"), event, "skipped", data.reason);
      case "STEP_CANCELLED":
        return line(styleText("dim", "-"), event, "cancelled", data.reason);
    }
  };
}
