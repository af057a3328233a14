import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { RunAs } from "./run-as.ts";

/**
 * Stops Postgres when this process is gone without having done so (kill -9, out of memory). A shell waits on a pipe that
 * only this process holds: a line releases it, the end of the pipe means that nobody is left to use the database.
 * @returns the release, to be called once Postgres has ended.
 */
export function watchOver(postmasterPid: number, runAs: RunAs | undefined): () => void {
  const script = 'read -r line || kill -INT "$1" 2>/dev/null';
  const child = spawn("/bin/sh", ["-c", script, "stepwire-watchdog", String(postmasterPid)], {
    ...runAs,
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a shell there is no watchdog; the next start still finds the orphan through postmaster.pid.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  (child.stdin as Socket).unref();
  return () => void child.stdin.end("released\n");
}
