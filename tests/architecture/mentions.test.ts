import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { missingMentions, type Tree } from "./mentions.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const notOurs = ["node_modules", "dist"];
const tops = globSync("*/", { cwd: root }).filter((name) => !notOurs.includes(name));
const tree: Tree = { tops, exists: (path) => existsSync(root + path) };

test("pages and comments name no path that is not there", () => {
  const texts = [
    ...globSync("*.md", { cwd: root }),
    ...globSync(`{${tops.join(",")}}/**/*.{md,ts}`, { cwd: root, exclude: ["**/node_modules"] }),
  ];
  const missing = texts.flatMap((path) =>
    missingMentions(path, readFileSync(root + path, "utf8"), tree).map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test("each decision is in the list, in order", () => {
  const list = readFileSync(`${root}docs/decisions/README.md`, "utf8");
  const listed = [...list.matchAll(/^- \[(\d+)\]\((.+)\) (.+)$/gm)].map(([, number, file, title]) => [
    file,
    number,
    title,
  ]);
  const files = globSync("0*.md", { cwd: `${root}docs/decisions` }).sort();
  const decisions = files.map((file) => {
    const [, number, title] = /^# (\d+) · (.+)$/m.exec(readFileSync(`${root}docs/decisions/${file}`, "utf8")) ?? [];
    return [file, number, title];
  });
  assert.deepEqual(listed, decisions);
});

test("refused: a room, a file or a page that is not there", () => {
  const there = ["engine/journal", "house/a.ts", "house", "pages/b/"];
  const house: Tree = { tops: ["house"], exists: (path) => there.includes(path) };
  const page =
    "The room `attic/`, [pages](b/), [none](../c.md#d). See house/a.ts, house/*.ts, house/b.ts. As text/html; and `journal/`.";
  assert.deepEqual(missingMentions("pages/page.md", page, house), ["attic", "house/b.ts", "c.md"]);
  const code = 'const path = "house/c.ts"; // as house/d.ts\n/** Of house/a.ts and attic/. */';
  assert.deepEqual(missingMentions("house/a.ts", code, house), ["house/c.ts", "house/d.ts"]);
});
