import assert from "node:assert/strict";
import { test } from "node:test";
import { Environments } from "./environments.ts";

test("a tenant reads what was granted to it and to all, and its own value before the one for all", () => {
  const environments = new Environments(
    new Map([
      ["*", new Map([["SHARED", "all"]])],
      ["acme", new Map([["KEY", "of-acme"]])],
      [
        "beta",
        new Map([
          ["KEY", "of-beta"],
          ["SHARED", "of-beta"],
        ]),
      ],
    ]),
  );
  const read = (tenant: string) => {
    const { names, get } = environments.of(tenant);
    return Object.fromEntries(names.map((name) => [name, get(name)]));
  };
  assert.deepEqual(read("acme"), { SHARED: "all", KEY: "of-acme" });
  assert.deepEqual(read("beta"), { SHARED: "of-beta", KEY: "of-beta" });
  for (const other of ["default", "*", "", "constructor", "acme2"])
    assert.deepEqual(read(other), { SHARED: "all" }, other);
  assert.equal(environments.of("acme").get("NOPE"), undefined);
  assert.deepEqual(environments.values().sort(), ["all", "of-acme", "of-beta", "of-beta"]);
});
