import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainError } from "../../model/errors.ts";
import { tenantNamed } from "../../model/index.ts";
import { MAX_WAITING_JOBS } from "./limits.ts";
import { createProcessor } from "./processor.ts";

test("who finds too much waiting already is told when to come again", async () => {
  const processor = createProcessor();
  const job = { kind: "detect", path: "/nowhere", extension: "txt" } as const;
  const jobs = Array.from({ length: MAX_WAITING_JOBS + 20 }, () => processor.run(tenantNamed("tenant"), job));
  const over = Promise.allSettled(jobs);
  await processor.close();
  const busy = (await over).flatMap((result) =>
    result.status === "rejected" &&
    result.reason instanceof DomainError &&
    result.reason.code === "FILE_PROCESSING_BUSY"
      ? [result.reason.retryAfterSeconds]
      : [],
  );
  assert.ok(busy.length > 0);
  assert.deepEqual(new Set(busy), new Set([5]));
});
