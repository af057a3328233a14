import assert from "node:assert/strict";
import { test } from "node:test";
import { type TenantId, tenantNamed } from "../model/index.ts";
import { type LeftOut, RefusalBounds } from "./refusal-bounds.ts";

const ACME = tenantNamed("acme");

test("refusals beyond so many of each in a minute are told of together when it is over; changes are always kept", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: LeftOut[] = [];
  const bounds = new RefusalBounds((leftOut) => told.push(leftOut));
  const kept = (tenantId: TenantId | null, actor: string, refused: "FORBIDDEN" | "NOT_FOUND" | null, times: number) =>
    Array.from({ length: times }, () => bounds.keeps({ tenantId, actor, refused })).filter(Boolean).length;
  assert.equal(kept(ACME, "key:1", "FORBIDDEN", 400), 30);
  assert.equal(kept(ACME, "key:1", "NOT_FOUND", 2), 0);
  assert.equal(kept(ACME, "key:1", null, 400), 400);
  assert.equal(kept(ACME, "key:2", "FORBIDDEN", 10), 10, "another key has its own");
  assert.equal(kept(null, "anonymous", "FORBIDDEN", 400), 100);
  t.mock.timers.tick(60_000);
  assert.deepEqual(told, [
    { tenantId: "acme", actor: "key:1", codes: { FORBIDDEN: 370, NOT_FOUND: 2 } },
    { tenantId: null, actor: "anonymous", codes: { FORBIDDEN: 300 } },
  ]);
  assert.equal(kept(ACME, "key:1", "FORBIDDEN", 1), 1, "a new minute");
});
