import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Observer } from "../../engine/index.ts";
import { createObserver } from "../observer.ts";
import { Metrics } from "./metrics.ts";

const docs = new URL("../../../docs/", import.meta.url);

async function metricNames(): Promise<Set<string>> {
  const metrics = new Metrics();
  metrics.watch(
    () => ({
      inHand: 1,
      computing: 1,
      memory: { usedBytes: 1_000, limitBytes: 2_000 },
      capacity: 2,
      isWorker: true,
      queued: 3,
      clockSkewMs: 0,
      busRefused: 0,
      journalWaitingMs: 0,
      subscriptions: { execution: 1, workflow: 0, tenant: 0, "domain-events": 0 },
      pools: { sql: { max: 6, open: 2, idle: 1, waiting: 0 }, orm: { max: 6, open: 0, idle: 0, waiting: 0 } },
    }),
    { connections: 1 },
  );
  return new Set((await metrics.registry.getMetricsAsJSON()).map(({ name }) => name));
}

describe("metrics", () => {
  test("are all in docs/operations.md, and nothing else is", async () => {
    const page = await readFile(new URL("operations.md", docs), "utf8");
    const documented = new Set([...page.matchAll(/^\| `(stepwire_\w+)` \|/gm)].map(([, name]) => name));
    const own = [...(await metricNames())].filter((name) => name.startsWith("stepwire_"));
    assert.deepEqual([...documented].sort(), own.sort());
  });

  test("the dashboard shows only metrics that exist, and every one of ours", async () => {
    const dashboard = await readFile(new URL("grafana-dashboard.json", docs), "utf8");
    const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] };
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const used = new Set(
      expressions.flatMap((expr) => [...expr.matchAll(/\b(?:stepwire|process|nodejs)_\w+/g)].map(([name]) => name)),
    );
    const names = await metricNames();
    const exists = (name: string): boolean => names.has(name) || names.has(name.replace(/_(bucket|count|sum)$/, ""));
    assert.deepEqual(
      [...used].filter((name) => !exists(name)),
      [],
    );
    const shown = new Set([...used].map((name) => (names.has(name) ? name : name.replace(/_(bucket|count|sum)$/, ""))));
    assert.deepEqual(
      [...names].filter((name) => name.startsWith("stepwire_") && !shown.has(name)),
      [],
    );
  });

  test("what is measured reads as Prometheus expects it", async () => {
    const metrics = new Metrics();
    metrics.executionStarted("manual");
    metrics.executionEnded("completed", 0.2);
    metrics.attemptEnded("log", "completed", 0.00005);
    metrics.flushed({ executions: 2, events: 7, commitMs: 3, publishMs: 0.1 });
    const text = await metrics.registry.metrics();
    assert.match(text, /^stepwire_executions_ended_total\{outcome="completed"\} 1$/m);
    assert.match(
      text,
      /^stepwire_step_attempt_duration_seconds_bucket\{le="0\.0001",type="log",result="completed"\} 1$/m,
    );
    assert.match(text, /^stepwire_journal_batch_events_sum 7$/m);
    assert.match(text, /^stepwire_journal_commit_seconds_bucket\{le="0\.005"\} 1$/m);
  });

  test("an execution that ended the process again and again is counted as such, and as failed", async () => {
    const metrics = new Metrics();
    const { executionEnded } = createObserver(metrics, null);
    for (const code of ["POISONED", "STEP_FAILED"]) {
      const ended = { status: "failed", createdAt: 0, startedAt: 0, completedAt: 1, error: { code } };
      executionEnded(ended as Parameters<Observer["executionEnded"]>[0]);
    }
    const text = await metrics.registry.metrics();
    assert.match(text, /^stepwire_executions_ended_total\{outcome="failed"\} 2$/m);
    assert.match(text, /^stepwire_executions_poisoned_total 1$/m);
  });
});
