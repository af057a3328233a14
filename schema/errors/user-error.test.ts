import "reflect-metadata";
import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainError } from "../../engine/index.ts";
import { attempt } from "./user-error.ts";

const refusal = async (error: DomainError) => (await attempt(async () => Promise.reject(error))).userErrors;

test("a reason that passes says after how many seconds to ask again, and one that stays says null", async () => {
  const [busy] = await refusal(new DomainError("FILE_PROCESSING_BUSY", "later", { retryAfterSeconds: 5 }));
  assert.deepEqual(busy, { code: "FILE_PROCESSING_BUSY", message: "later", field: null, retryAfter: 5 });
  const [missing] = await refusal(new DomainError("FILE_NOT_FOUND", "gone"));
  assert.equal(missing?.retryAfter, null);
});
