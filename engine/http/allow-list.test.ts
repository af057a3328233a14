import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "./address.ts";
import { parseAllowList } from "./allow-list.ts";

function allowsAddress(entry: string, address: string, port = 80): boolean {
  return parseAllowList([entry]).allowsAddress(parseAddress(address)!, port);
}

test("a CIDR allows the addresses in it on every port", () => {
  assert.equal(allowsAddress("10.1.0.0/16", "10.1.2.3", 9000), true);
  assert.equal(allowsAddress("10.1.0.0/16", "10.2.2.3"), false);
  assert.equal(allowsAddress("127.0.0.0/8", "::ffff:127.0.0.1"), true);
  assert.equal(allowsAddress("fd00::/8", "fd12::1"), true);
  assert.equal(allowsAddress("fd00::/8", "10.0.0.1"), false);
});

test("an address may be bound to a port", () => {
  assert.equal(allowsAddress("127.0.0.1", "127.0.0.1", 1), true);
  assert.equal(allowsAddress("127.0.0.1:9000", "127.0.0.1", 9000), true);
  assert.equal(allowsAddress("127.0.0.1:80", "127.0.0.1", 9000), false);
  assert.equal(allowsAddress("[::1]:9000", "::1", 9000), true);
  assert.equal(allowsAddress("[::1]:9000", "::1", 9001), false);
  assert.equal(allowsAddress("::1", "::1"), true);
});

test("a name is trusted as written, without its subdomains, in any case", () => {
  const list = parseAllowList(["Api.Internal", "db.internal:5000"]);
  assert.equal(list.allowsHost("api.internal", 80), true);
  assert.equal(list.allowsHost("api.internal.", 80), true);
  assert.equal(list.allowsHost("x.api.internal", 80), false);
  assert.equal(list.allowsHost("db.internal", 5000), true);
  assert.equal(list.allowsHost("db.internal", 80), false);
});

test("an entry of another form is refused by name", () => {
  for (const entry of [
    "",
    "http://host",
    "10/8",
    "10.0.0.0/99",
    "host:0",
    "host:70000",
    "*.internal",
    "a b",
    "10.0.0.0/8:80",
  ]) {
    assert.throws(() => parseAllowList([entry]), new RegExp(`"${entry.replace(/[*/.]/g, "\\$&")}" must be`), entry);
  }
});
