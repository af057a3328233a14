/**
 * A start-up failure that the operator can mend. It is shown as its lines on stderr, without a stack; anything else that
 * is thrown while starting is a fault of ours and keeps its stack.
 */
export class StartupError extends Error {
  override readonly name = "StartupError";
  /** One line for each thing to mend. */
  readonly lines: readonly string[];

  constructor(lines: string | readonly string[], cause?: unknown) {
    const all = (typeof lines === "string" ? [lines] : lines).map((line) => line.replaceAll(/\s*\n\s*/g, " "));
    super(all.join("; "), cause === undefined ? undefined : { cause });
    this.lines = all;
  }
}

/** What a failed start prints on stderr. */
export function startupFailureText(error: unknown): string {
  if (error instanceof StartupError) return `${error.lines.map((line) => `stepwire: ${line}`).join("\n")}\n`;
  return `stepwire: could not start. ${error instanceof Error ? error.stack : String(error)}\n`;
}

/** The code of a system or Postgres error (`EACCES`, `28P01`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
