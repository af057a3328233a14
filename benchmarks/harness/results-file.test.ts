import assert from "node:assert/strict";
import { test } from "node:test";
import { withSection } from "./results-file.ts";

test("a first run adds a section after the introduction", () => {
  assert.equal(
    withSection("# Results\n\nBy hand.\n", "all", "numbers"),
    "# Results\n\nBy hand.\n\n## all\n\nnumbers\n",
  );
  assert.equal(withSection("", "all", "numbers"), "## all\n\nnumbers\n");
});

test("a later run replaces its own section and leaves the others", () => {
  const before = "# Results\n\n## all\n\nold\n\n## all, quick\n\nkept\n";
  assert.equal(withSection(before, "all", "new\n"), "# Results\n\n## all\n\nnew\n\n## all, quick\n\nkept\n");
});
