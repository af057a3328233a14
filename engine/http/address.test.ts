import assert from "node:assert/strict";
import { test } from "node:test";
import { isPublicAddress, parseAddress } from "./address.ts";

const refused = {
  "IPv4 this network": ["0.0.0.0", "0.1.2.3"],
  "IPv4 private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  "IPv4 loopback": ["127.0.0.1", "127.255.255.254"],
  "IPv4 link-local and cloud metadata": [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
  ],
  CGNAT: ["100.64.0.1", "100.127.255.255"],
  "IPv4 multicast, reserved and broadcast": ["224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"],
  "IPv4 documentation and benchmarking": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255"],
  "IPv4 relay anycast": ["192.88.99.1"],
  "IPv6 unspecified and loopback": ["::", "::1"],
  "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:10.0.0.1"],
  "IPv4-compatible": ["::127.0.0.1", "::7f00:1", "::808:808"],
  "IPv4-translated": ["::ffff:0:7f00:1"],
  "6to4": ["2002:7f00:1::", "2002:808:808::1"],
  NAT64: ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1"],
  Teredo: ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  "unique local, EC2 metadata over IPv6": ["fc00::1", "fd12:3456::1", "fd00:ec2::254"],
  "IPv6 link-local and site-local": ["fe80::1", "febf::1", "fec0::1"],
  "IPv6 multicast": ["ff02::1", "ff0e::1"],
  "IPv6 documentation and discard": ["2001:db8::1", "3fff::1", "100::1"],
  "unassigned IPv6": ["4000::1", "8000::1", "1::1"],
};

for (const [kind, addresses] of Object.entries(refused)) {
  test(`${kind} addresses are not public`, () => {
    for (const text of addresses) assert.equal(isPublicAddress(parseAddress(text)!), false, text);
  });
}

test("ordinary addresses are public, also IPv4-mapped ones", () => {
  for (const text of [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
  ]) {
    assert.equal(isPublicAddress(parseAddress(text)!), true, text);
  }
});

test("what is no address is not read as one", () => {
  for (const text of ["localhost", "", "1.2.3", "1.2.3.4.5", "example.com", ":::1"]) {
    const address = parseAddress(text);
    assert.ok(address === null || !isPublicAddress(address), text);
  }
});
