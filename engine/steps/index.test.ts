import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { z } from "zod";
import { createMemoryFileRecords } from "../../tests/support/files/memory-records.ts";
import { testContext } from "../../tests/support/step-context.ts";
import { createDiskFileStore, createFileService } from "../files/index.ts";
import { createHttpClient } from "../http/index.ts";
import { createStepTypes } from "./index.ts";

const http = createHttpClient({ allowPrivate: [], userAgent: "x" });
const types = createStepTypes({
  participants: { services: new Map([["payment", "http://payment"]]), http },
  files: createFileService({
    store: await createDiskFileStore({ directory: tmpdir() }),
    records: createMemoryFileRecords(),
  }),
  http,
  mailer: null,
});

test("a step type is found by its name", () => {
  for (const stepType of types.all()) assert.equal(types.get(stepType.type), stepType);
  assert.equal(types.get("no_such_type"), undefined);
  assert.equal(types.get("constructor"), undefined);
});

for (const stepType of types.all()) {
  test(`${stepType.type} can be published as JSON Schema, with every field described`, () => {
    for (const [io, schema] of [
      ["input", stepType.config],
      ["output", stepType.output],
    ] as const) {
      const published = z.toJSONSchema(schema, { io, unrepresentable: "any" });
      assert.ok(published);
      if (io === "output") continue;
      for (const variant of (published.oneOf ?? [published]) as {
        properties: Record<string, { description?: string; const?: string }>;
      }[]) {
        for (const [name, field] of Object.entries(variant.properties)) {
          assert.ok(field.description || field.const, `${stepType.type}.${name} is not described`);
        }
      }
    }
  });

  test(`${stepType.type} is documented with an example that its schema accepts`, () => {
    assert.match(stepType.summary, /\.$/);
    const examples = [...stepType.docs.matchAll(/```json\n(.*?)```/gs)].map(
      (match) => JSON.parse(match[1]!) as { type: string; config: object },
    );
    assert.ok(examples.length > 0);
    for (const { type, config } of examples) {
      assert.equal(type, stepType.type);
      // Placeholders are filled in before the schema sees them.
      const filled = JSON.parse(
        JSON.stringify(config).replaceAll(/\{\{env\.NOTIFICATION_WEBHOOK_URL\}\}/g, "https://example.com/hook"),
      );
      assert.deepEqual(stepType.config.safeParse(filled).error?.issues ?? [], []);
    }
  });

  test(`${stepType.type} refuses unknown keys in its config`, () => {
    const { error } = stepType.config.safeParse({ type: "log", action: "extract", no_such_key: 1 });
    assert.ok(
      error?.issues.some(({ code }) => code === "unrecognized_keys"),
      JSON.stringify(error?.issues),
    );
  });
}

test("a conditional is left to the runner", () => {
  assert.throws(() => types.get("conditional")!.run({}, testContext()), /evaluated by the runner/);
});
