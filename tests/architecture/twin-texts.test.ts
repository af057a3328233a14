import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Source, twinTexts } from "./twin-texts.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (pattern: string): Source[] =>
  globSync(pattern, { cwd: root, exclude: ["**/*.test.ts"] }).map((path) => ({
    path,
    text: readFileSync(root + path, "utf8"),
  }));

test("GraphQL says nothing by itself that REST or the engine's schemas say", () => {
  assert.deepEqual(twinTexts(read("schema/**/*.ts"), read("{web-compat,engine,saga}/**/*.ts")), []);
});

test("refused: a text that is copied, or nearly so", () => {
  const own = (text: string) => [{ path: "schema/a.ts", text: `@Field(() => Int, { description: "${text}" })` }];
  const told = [{ path: "engine/a.ts", text: 'a: z.int().describe("Whether `cron_schedule` fires by the clock.")' }];
  assert.equal(twinTexts(own("Whether `cronSchedule` fires by the clock. Default true."), told).length, 1);
  assert.equal(twinTexts(own("How often the schedule has fired since the beginning."), told).length, 0);
});
