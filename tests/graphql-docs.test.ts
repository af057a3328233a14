import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { parse, specifiedRules, validate } from "graphql";
import { requestsPerMinute } from "../engine/limits/rate-limiter.ts";
import { createSagaSchema, createSchema } from "../schema/index.ts";
import { documentRules } from "../server/graphql/document.ts";
import { documentLimits } from "../server/graphql/limits.ts";

const root = new URL("../../", import.meta.url);

test("docs/graphql.md gives the limits and budgets of the code", async () => {
  const text = await readFile(new URL("docs/graphql.md", root), "utf8");
  const rows = Array.from(text.matchAll(/^\| `([a-z_]+)` \| ([\d,]+) \|/gm), ([, name, max]) => [name, max]);
  const expected = Object.entries({ ...documentLimits, ...requestsPerMinute });
  assert.deepEqual(
    rows,
    expected.map(([name, max]) => [name, max.toLocaleString("en")]),
  );
});

test("every GraphQL document of the pages is one that its service takes", async () => {
  const pages = (await readdir(new URL("docs/", root))).filter((name) => name.endsWith(".md"));
  const rules = [...specifiedRules, ...documentRules(true)];
  const schemas = { engine: createSchema(), saga: createSagaSchema() };
  let checked = 0;
  for (const page of ["README.md", ...pages.map((name) => `docs/${name}`)]) {
    const text = await readFile(new URL(page, root), "utf8");
    for (const [, source = ""] of text.matchAll(/^```graphql\n(.*?)^```/gms)) {
      const schema = page === "docs/saga.md" ? schemas.saga : schemas.engine;
      assert.deepEqual(validate(schema, parse(source), rules), [], `${page}: ${source}`);
      checked += 1;
    }
  }
  assert.ok(checked >= 10);
});
