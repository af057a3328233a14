import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { createLogger } from "./log.ts";

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  write(createLogger("info", { write: (line) => void lines.push(line) }));
  return lines;
}

test("a line is one JSON object with time, level and message", () => {
  const [line = "{}"] = logged((logger) => logger.info({ executionId: 7 }, "started"));
  const { level, msg, executionId, time } = JSON.parse(line);
  assert.deepEqual({ level, msg, executionId }, { level: "info", msg: "started", executionId: 7 });
  assert.match(time, /^\d{4}-\d\d-\d\dT/);
});

test("credentials in headers do not reach the log", () => {
  const headers = { authorization: "Bearer hush", "x-api-key": "hush", cookie: "k=hush", accept: "text/html" };
  const lines = logged((logger) => {
    logger.info({ headers });
    logger.info({ req: { headers } });
    logger.child({ request: { headers } }).info("in a child");
  });
  assert.equal(lines.length, 3);
  assert.ok(!lines.join().includes("hush"));
  assert.ok(lines.every((line) => line.includes("text/html")));
});

test("lines below the level are not written", () => {
  assert.deepEqual(
    logged((logger) => logger.debug("unseen")),
    [],
  );
});

test("a process ends though nobody reads its log any more", { timeout: 30_000 }, async (t) => {
  const log = JSON.stringify(new URL("log.js", import.meta.url).href);
  const program = `import { createLogger } from ${log};
    const logger = createLogger("info");
    logger.info("one");
    process.stdin.once("data", () => {
      logger.fatal("two");
      process.exit(0);
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stdin.write("go");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
