import assert from "node:assert/strict";
import { test } from "node:test";
import { asStored, nameText } from "./name.ts";

const FAMILY = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}";

test("a name is stored composed and without blanks around it", () => {
  for (const [given, stored] of [
    ["  Orders\t", "Orders"],
    ["Cafe\u0301", "Caf\u00e9"],
    ["two  words", "two  words"],
    [FAMILY, FAMILY],
    ["\u540D\u524D", "\u540D\u524D"],
  ] as const) {
    assert.equal(nameText.parse(given), stored);
    assert.equal(asStored(given), stored);
  }
});

test("a name that shows other than what it holds is refused", () => {
  const unseen = [
    "\0",
    "\n",
    "\u200B",
    "\u200D",
    "\u200E",
    "\u202E",
    "\u2066",
    "\u2028",
    "\u00AD",
    "\u3164",
    "\u{E0041}",
    "\uFEFF",
  ];
  for (const character of unseen) {
    assert.equal(nameText.safeParse(`a${character}b`).success, false, character.codePointAt(0)?.toString(16));
  }
  for (const name of ["", " \t ", "a\ud800b", "x".repeat(256)]) assert.equal(nameText.safeParse(name).success, false);
});

test("a long name is read in one pass", () => {
  assert.equal(nameText.safeParse("\u{1F468}\u200D".repeat(500_000)).success, false);
});
