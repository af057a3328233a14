import assert from "node:assert/strict";
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
