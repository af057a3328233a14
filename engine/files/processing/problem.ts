/**
 * The file is at fault, and `message` says how. Only inside a child process: errors lose their class on the way out, so it
 * crosses as data (see processing.worker.ts).
 * - `type`: the content is not what it is said to be.
 * - `unreadable`: damaged, encrypted, hostile, or beyond a limit.
 */
export class ProcessingProblem extends Error {
  override readonly name = "ProcessingProblem";
  readonly kind: "type" | "unreadable";

  constructor(kind: "type" | "unreadable", message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
