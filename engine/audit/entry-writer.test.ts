import assert from "node:assert/strict";
import { test } from "node:test";
import type pg from "pg";
import { tenantNamed } from "../model/index.ts";
import { EntryWriter, type NewEntry } from "./entry-writer.ts";

const entry = (action: string): NewEntry => ({
  tenantId: tenantNamed("test"),
  actor: "key:1",
  action,
  target: null,
  correlationId: null,
  refused: null,
  before: null,
  after: null,
});

/** Notes the actions of each statement, and answers when it is told to. */
function statements(answer: () => Promise<void> = async () => {}) {
  const sent: string[][] = [];
  const pool = {
    query: async ({ values }: { values: unknown[][] }) => {
      sent.push(values[2] as string[]);
      await answer();
    },
  } as unknown as pg.Pool;
  return { sent, writer: new EntryWriter(pool) };
}

test("what one turn asks for is one statement, and what comes meanwhile is the next, in order", async () => {
  const first = Promise.withResolvers<void>();
  const answers = [first.promise];
  const { sent, writer } = statements(async () => answers.shift());
  const early = [writer.write(entry("a"), true), writer.write(entry("b"), true)];
  while (sent.length === 0) await new Promise(setImmediate);
  const late = [writer.write(entry("c"), true), writer.write(entry("d"), true)];
  first.resolve();
  await Promise.all([...early, ...late]);
  assert.deepEqual(sent, [
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("an entry that nobody waits for goes by itself after a moment, or along with one that somebody waits for", async () => {
  const { sent, writer } = statements();
  await writer.write(entry("alone"), false);
  const lazy = writer.write(entry("lazy"), false);
  await writer.write(entry("urgent"), true);
  await lazy;
  assert.deepEqual(sent, [["alone"], ["lazy", "urgent"]]);
});

test("closing stores what has gathered", async () => {
  const { sent, writer } = statements();
  const lazy = writer.write(entry("lazy"), false);
  await writer.close();
  await lazy;
  assert.deepEqual(sent, [["lazy"]]);
  await writer.close();
});

test("a statement that fails fails its own entries only", async () => {
  let calls = 0;
  const { writer } = statements(async () => {
    if (++calls === 1) throw new Error("no connection");
  });
  await assert.rejects(writer.write(entry("a"), true), /no connection/);
  await writer.write(entry("b"), true);
});
