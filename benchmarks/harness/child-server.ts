import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface ChildServer<Ready> {
  /** What it said when it was ready. */
  readonly ready: Ready;
  stop(): Promise<void>;
}

/** A server in a process of its own: what sends the requests must not take CPU from it. It sends one message when ready. */
export async function childServer<Ready>(program: URL, args: readonly string[]): Promise<ChildServer<Ready>> {
  const child = fork(fileURLToPath(program), [...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const ready = await Promise.race([
    once(child, "message").then(([message]) => message as Ready),
    ended.then(([code]) => Promise.reject(new Error(`${args.join(" ")} ended with ${code} before it was ready`))),
  ]);
  return {
    ready,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
