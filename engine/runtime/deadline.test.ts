import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Deadline } from "./deadline.ts";

const run = promisify(execFile);

test("a deadline that stands still keeps no process", async () => {
  const deadline = new URL("./deadline.js", import.meta.url).href;
  const program = `import { Deadline } from "${deadline}"; const one = new Deadline(50); one.watch(() => {}); one.pause();`;
  await run(process.execPath, ["--input-type=module", "-e", program], { timeout: 30_000 });
});

test("what is waited for is called once the time is over, unless it came or the request was answered before", async () => {
  const called: string[] = [];
  const [over, ended] = [new Deadline(1), new Deadline(1)];
  const came = (): void => void called.push("came");
  over.watch(came);
  over.unwatch(came);
  ended.watch(() => called.push("answered"));
  ended.end();
  await new Promise<void>((resolve) => {
    over.watch(() => {
      called.push("late");
      resolve();
    });
  });
  assert.deepEqual(called, ["late"]);
});
