import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { requestsPerMinute } from "../engine/limits/rate-limiter.ts";
import { documentLimits } from "../server/graphql/limits.ts";

test("docs/graphql.md gives the limits and budgets of the code", async () => {
  const text = await readFile(new URL("../../docs/graphql.md", import.meta.url), "utf8");
  const rows = Array.from(text.matchAll(/^\| `([a-z_]+)` \| ([\d,]+) \|/gm), ([, name, max]) => [name, max]);
  const expected = Object.entries({ ...documentLimits, ...requestsPerMinute });
  assert.deepEqual(
    rows,
    expected.map(([name, max]) => [name, max.toLocaleString("en")]),
  );
});
