import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { parse, validate } from "graphql";
import { createSchema } from "./create-schema.ts";

const schema = createSchema();

for (const page of ["README.md", "docs/graphql.md"]) {
  test(`the GraphQL examples of ${page} fit the schema`, async () => {
    const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
    const examples = [...text.matchAll(/```graphql\n(.*?)```/gs)].map(([, example]) => example!);
    assert.ok(examples.length > 0);
    for (const example of examples) {
      assert.deepEqual(
        validate(schema, parse(example)).map(({ message }) => message),
        [],
        example,
      );
    }
  });
}
