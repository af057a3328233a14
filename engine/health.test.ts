import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type pg from "pg";
import { HealthProbe } from "./health.ts";

function probe(query: () => Promise<unknown>) {
  let asked = 0;
  const counted = (): Promise<unknown> => {
    asked += 1;
    return query();
  };
  const pool = { query: counted } as unknown as pg.Pool;
  return { health: new HealthProbe({ pool, bus: null, scheduler: { isHealthy: false } }), asked: () => asked };
}

describe("health", () => {
  test("asks Postgres once for all who ask at the same time", async () => {
    const { health, asked } = probe(async () => {});
    const answers = await Promise.all(Array.from({ length: 50 }, () => health.check()));
    assert.deepEqual(answers[49], { database: true, redis: null, scheduler: false });
    assert.equal(asked(), 1);
  });

  test("tells of a Postgres that refuses, and of one that does not answer", async () => {
    assert.equal((await probe(() => Promise.reject(new Error("gone"))).health.check()).database, false);
    assert.equal((await probe(() => new Promise(() => {})).health.check()).database, false);
  });
});
