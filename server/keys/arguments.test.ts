import assert from "node:assert/strict";
import { test } from "node:test";
import { StartupError } from "../config/index.ts";
import { readCommand } from "./arguments.ts";

const read = (line: string) => readCommand(line.split(" ").filter((word) => word !== ""));

test("commands are read with their defaults", () => {
  assert.deepEqual(read(""), { kind: "help" });
  assert.deepEqual(read("list"), { kind: "list", tenantId: "default" });
  assert.deepEqual(read("create --name ci --scopes read,execute --expires 2027-01-31 --tenant acme"), {
    kind: "create",
    tenantId: "acme",
    name: "ci",
    scopes: ["read", "execute"],
    expiresAt: new Date("2027-01-31"),
  });
  assert.deepEqual(read("rotate key_12"), { kind: "rotate", tenantId: "default", id: 12, graceSeconds: null });
  assert.deepEqual(read("rotate 12 --grace 0"), { kind: "rotate", tenantId: "default", id: 12, graceSeconds: 0 });
  assert.deepEqual(read("revoke key_12"), { kind: "revoke", tenantId: "default", id: 12 });
});

const wrong: readonly [string, RegExp][] = [
  ["lsit", /no command "lsit".*list, create/],
  ["list 12", /takes no id/],
  ["list --name x", /takes no --name/],
  ["list --colour", /--colour/],
  ["create", /needs --name/],
  ["create --name ci", /needs --scopes/],
  ["create --name ci --scopes read,all", /"all" is none of read, write/],
  ["create --name ci --scopes read --expires soon", /--expires must be a date/],
  ["rotate", /takes one id/],
  ["rotate 12 13", /takes one id/],
  ["rotate wf_12", /"wf_12" is not the id of a key/],
  ["rotate 9999999999", /is not the id of a key/],
  ["rotate 12 --grace -1", /grace/],
  ["revoke 12 --tenant a/b", /--tenant must be/],
];
for (const [line, expected] of wrong) {
  test(`\`${line}\` is refused with one line that says why`, () => {
    assert.throws(
      () => read(line),
      (error) => error instanceof StartupError && error.lines.length === 1 && expected.test(error.lines[0]!),
    );
  });
}
