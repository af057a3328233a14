import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { brokenRules, type SourceFile } from "./rules.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const SOURCES = "{documents,engine,saga,live,edge,schema,web-compat,server}/**/*.ts";
/** Tests and their stand-ins look behind doors: that is what they are for. */
const tests = /(?:\.test|\.contract)\.ts$|\/testing\/|\/test-[a-z-]+\.ts$/;

async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of glob(SOURCES, { cwd: root })) {
    if (!tests.test(path)) files.push({ path, imports: importsOf(path, await readFile(root + path, "utf8")) });
  }
  return files;
}

function importsOf(path: string, text: string): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(path, text).module;
  const exported = staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value));
  const dynamic = dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1));
  return [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic]
    .filter((target) => target?.startsWith("."))
    .map((target) => posix.join(posix.dirname(path), target!));
}

test("the house stands as its rules say", async () => {
  assert.deepEqual(brokenRules(await sourceFiles()), []);
});

const house: readonly SourceFile[] = [
  ...["engine/a/index.ts", "engine/b/index.ts", "engine/index.ts", "saga/index.ts", "web-compat/index.ts"],
  ...["server/a/index.ts", "server/program/main.ts"],
].map((path) => ({ path, imports: [] }));

/** An import that each rule must refuse, and one like it that is allowed. */
for (const [name, refused, allowed] of [
  ["past a door of the engine", ["engine/a/x.ts", "engine/b/y.ts"], ["engine/a/x.ts", "engine/b/index.ts"]],
  ["past the engine's own door", ["saga/x.ts", "engine/a/index.ts"], ["saga/x.ts", "engine/index.ts"]],
  ["past a door by the composition", ["server/x.ts", "saga/saga-service.ts"], ["server/x.ts", "saga/index.ts"]],
  ["past a door of the server", ["server/x.ts", "server/a/y.ts"], ["server/x.ts", "server/a/index.ts"]],
  ["from a program", ["server/x.ts", "server/program/y.ts"], ["server/program/main.ts", "server/program/y.ts"]],
  ["up from live", ["live/x.ts", "server/a/index.ts"], ["server/a/x.ts", "live/index.ts"]],
  ["from one face to another", ["schema/x.ts", "web-compat/index.ts"], ["server/x.ts", "web-compat/index.ts"]],
  ["up from the engine", ["engine/a/x.ts", "saga/index.ts"], ["saga/x.ts", "engine/index.ts"]],
  ["a room that has no door", ["engine/c/x.ts", "engine/c/y.ts"], ["engine/a/x.ts", "engine/a/y.ts"]],
] as const) {
  const withImport = ([path, target]: readonly [string, string]) =>
    brokenRules([...house, { path, imports: [target] }]);
  test(`refused: ${name}`, () => {
    assert.equal(withImport(refused).length, 1);
    assert.deepEqual(withImport(allowed), []);
  });
}

test("refused: a circle of rooms, of types as well", () => {
  const text = 'import type { B } from "../b/index.ts";';
  const there = { path: "engine/a/x.ts", imports: importsOf("engine/a/x.ts", text) };
  const back = { path: "engine/b/y.ts", imports: ["engine/a/index.ts"] };
  assert.deepEqual(brokenRules([...house, there]), []);
  assert.deepEqual(brokenRules([...house, there, back]), ["A circle of rooms: engine/a -> engine/b -> engine/a"]);
});
