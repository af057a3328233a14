import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCron } from "./cron.ts";

const good = [
  "* * * * *",
  "0 9 * * *",
  " 0  9 * * * ",
  "*/5 0-6,20 1,15 JAN-MAR MON-FRI",
  "0 0 L * *",
  "0 0 15W * *",
  "0 0 * * 5#2",
  "0 0 * * 7",
  "0 0 30 2 *",
  "@hourly",
  "@daily",
  "@weekly",
  "@monthly",
  "@YEARLY",
];
const bad = [
  "",
  "   ",
  "* * * *",
  "* * * * * *",
  "0 0 0 1 1 ? 2030",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "5-1 * * * *",
  "*/0 * * * *",
  "*/61 * * * *",
  "1,,2 * * * *",
  "? * * * *",
  "0 0 29 2 +1",
  "@reboot",
  "@annually",
  "@every 5m",
  "2030-01-01T00:00:00",
  "2030-01-01T00:00:00 * * * *",
  "0\u00a00 * * *",
  "0 9 * * *\n* * * * *",
  "every day at nine",
  "every day at nine please",
];

for (const expression of good) {
  test(`"${expression}" is a cron expression`, () => checkCron(expression, "cron"));
}
for (const expression of bad) {
  test(`${JSON.stringify(expression)} is refused`, () => {
    assert.throws(() => checkCron(expression, "cron_schedule"), {
      code: "INVALID_CRON",
      message: "Invalid cron schedule format",
      field: "cron_schedule",
    });
  });
}
