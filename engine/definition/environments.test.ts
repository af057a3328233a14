import assert from "node:assert/strict";
import { test } from "node:test";
import { type TenantId, tenantNamed } from "../model/index.ts";
import { Environments, EVERY_TENANT } from "./environments.ts";

const ACME = tenantNamed("acme");
const BETA = tenantNamed("beta");

test("a tenant reads what was granted to it and to all, and its own value before the one for all", () => {
  const environments = new Environments(
    new Map([
      [EVERY_TENANT, new Map([["SHARED", "all"]])],
      [ACME, new Map([["KEY", "of-acme"]])],
      [
        BETA,
        new Map([
          ["KEY", "of-beta"],
          ["SHARED", "of-beta"],
        ]),
      ],
    ]),
  );
  const read = (tenant: TenantId) => {
    const { names, get } = environments.of(tenant);
    return Object.fromEntries(names.map((name) => [name, get(name)]));
  };
  assert.deepEqual(read(ACME), { SHARED: "all", KEY: "of-acme" });
  assert.deepEqual(read(BETA), { SHARED: "of-beta", KEY: "of-beta" });
  for (const other of ["default", "*", "", "constructor", "acme2"])
    assert.deepEqual(read(tenantNamed(other)), { SHARED: "all" }, other);
  assert.equal(environments.of(ACME).get("NOPE"), undefined);
  assert.deepEqual(environments.values().sort(), ["all", "of-acme", "of-beta", "of-beta"]);
});
