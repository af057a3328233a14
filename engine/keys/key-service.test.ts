import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testDatabase } from "../../tests/support/postgres.ts";
import { anyRedis, skipWithoutRedis } from "../../tests/support/redis.ts";
import { type Bus, channels } from "../bus/bus.ts";
import { createBus } from "../bus/create-bus.ts";
import { InProcessBus } from "../bus/in-process-bus.ts";
import { DEFAULT_TENANT, tenantNamed } from "../model/index.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { KeyService } from "./key-service.ts";
import { allScopes } from "./scope.ts";

const OTHER = tenantNamed("other");

let database: Database;
let drop: () => Promise<void>;
const TENANT = tenantNamed("acme");

before(async () => {
  const test = await testDatabase();
  drop = test.drop;
  database = await openDatabase(test.url);
});
after(async () => {
  await database.close();
  await drop();
});

async function service(bus: Bus = new InProcessBus(), clock?: Pick<Clock, "now">): Promise<KeyService> {
  const keys = new KeyService(() => database.em(), bus, clock);
  await keys.start();
  return keys;
}

const request = { tenantId: TENANT, name: "ci", scopes: ["read", "execute"] as const, expiresAt: null };

test("the first start makes a key with every scope, and no later one does", async () => {
  const keys = await service();
  const [first, second] = await Promise.all([keys.bootstrap(undefined), keys.bootstrap(undefined)]);
  const secret = first ?? second;
  assert.ok(secret && (first === null || second === null), "only one of two that start at once makes it");
  const actor = await keys.authenticate(secret);
  assert.deepEqual({ ...actor, keyId: 0 }, { keyId: 0, tenantId: DEFAULT_TENANT, scopes: allScopes });
  assert.equal(await (await service()).bootstrap(undefined), null);
});

test("a key from API_KEY is stored once and never returned", async () => {
  const keys = await service();
  assert.equal(await keys.bootstrap("chosen-by-the-operator"), null);
  assert.equal(await keys.bootstrap("chosen-by-the-operator"), null);
  assert.equal((await keys.authenticate("chosen-by-the-operator"))?.tenantId, DEFAULT_TENANT);
});

test("another API_KEY ends the one before, and an earlier one may come again; one that was revoked may not", async () => {
  const changed: unknown[] = [];
  const bus = new InProcessBus();
  await bus.subscribe(channels.keyChanged, (hash) => changed.push(hash));
  const keys = await service(bus);
  const known = async () => (await Promise.all(["one", "two"].map((secret) => keys.authenticate(secret)))).map(Boolean);
  await keys.bootstrap("one");
  assert.deepEqual(await known(), [true, false]);
  await keys.bootstrap("two");
  assert.deepEqual(await known(), [false, true], "at once, and not when the cache has forgotten");
  assert.ok(changed.length >= 1, "other processes are told");
  await keys.bootstrap("one");
  assert.deepEqual(await known(), [true, false]);
  const one = (await keys.authenticate("one"))!;
  await keys.revoke(one.tenantId, one.keyId);
  await keys.bootstrap("one");
  assert.deepEqual(await known(), [false, false]);
  const { secret } = await keys.create(request);
  await keys.bootstrap("two");
  assert.ok(await keys.authenticate(secret), "keys that were made are nobody's to end");
});

test("the secret has 256 random bits, and only its hash is in the database", async () => {
  const keys = await service();
  const { secret, key } = await keys.create(request);
  assert.match(secret, /^sw_[\w-]{43}$/);
  assert.ok(secret.startsWith(key.prefix) && key.prefix.length < 12);
  const { rows } = await database.pool.query("SELECT * FROM api_key");
  assert.ok(!JSON.stringify(rows).includes(secret));
  assert.ok(!("hash" in key));
});

test("an unknown, empty or oversized secret is nobody's", async () => {
  const keys = await service();
  for (const secret of ["", "sw_nothing", "x".repeat(10_000)]) assert.equal(await keys.authenticate(secret), null);
});

test("a revoked key is refused at once where it was revoked and where the bus carries the news", async () => {
  const bus = new InProcessBus();
  const [here, there] = [await service(bus), await service(bus)];
  const { secret, key } = await here.create(request);
  assert.ok(await there.authenticate(secret));
  await here.revoke(TENANT, key.id);
  assert.deepEqual([await here.authenticate(secret), await there.authenticate(secret)], [null, null]);
});

test("news of a revoked key travel over Redis, to processes that share nothing else", {
  skip: skipWithoutRedis,
}, async (t) => {
  const redis = await anyRedis();
  t.after(() => redis.close());
  const open = () => createBus({ redisUrl: redis.url, namespace: "keys-test", key: Buffer.alloc(32), log: () => {} });
  const [hereBus, thereBus] = [await open(), await open()];
  t.after(() => Promise.all([hereBus.close(), thereBus.close()]));
  const [here, there] = [await service(hereBus), await service(thereBus)];
  const heard = Promise.withResolvers<void>();
  await thereBus.subscribe(channels.keyChanged, () => heard.resolve());
  const { secret, key } = await here.create(request);
  assert.ok(await there.authenticate(secret));
  await here.revoke(TENANT, key.id);
  await heard.promise;
  assert.equal(await there.authenticate(secret), null);
});

test("a revoked key is refused within a second where the bus lost the news", async (t) => {
  let now = 5_000;
  t.mock.method(performance, "now", () => now);
  const [here, elsewhere] = [await service(), await service()];
  const { secret, key } = await here.create(request);
  assert.ok(await elsewhere.authenticate(secret));
  await here.revoke(TENANT, key.id);
  now += 999;
  assert.ok(await elsewhere.authenticate(secret), "read a moment ago");
  now += 1;
  assert.equal(await elsewhere.authenticate(secret), null);
});

test("a key that has expired is refused, also from the cache", async (t) => {
  let time = Date.now();
  // The cache keeps it.
  t.mock.method(performance, "now", () => 5_000);
  const keys = await service(undefined, { now: () => time });
  const { secret } = await keys.create({ ...request, expiresAt: new Date(time + 150) });
  assert.ok(await keys.authenticate(secret));
  time += 149;
  assert.ok(await keys.authenticate(secret));
  time += 1;
  assert.equal(await keys.authenticate(secret), null);
});

test("a rotated key works beside the new one for its grace time", async () => {
  const keys = await service();
  const { secret, key } = await keys.create(request);
  const rotated = await keys.rotate(TENANT, key.id, 1_000);
  assert.equal(rotated.key.name, "ci");
  assert.deepEqual(rotated.key.scopes, ["read", "execute"]);
  assert.ok(await keys.authenticate(secret));
  assert.ok(await keys.authenticate(rotated.secret));
  await keys.rotate(TENANT, key.id, 0);
  assert.equal(await keys.authenticate(secret), null, "no grace: refused at once");
  await assert.rejects(keys.rotate(TENANT, key.id, 0), { code: "INVALID_STATE" });
});

test("keys of another tenant do not exist", async () => {
  const keys = await service();
  const { key } = await keys.create(request);
  await assert.rejects(keys.revoke(OTHER, key.id), { code: "API_KEY_NOT_FOUND" });
  await assert.rejects(keys.rotate(OTHER, key.id, 0), { code: "API_KEY_NOT_FOUND" });
  const page = { limit: 10, after: null, before: null, fromEnd: false };
  assert.deepEqual((await keys.list(OTHER, page)).items, []);
  assert.equal((await keys.list(TENANT, page)).items[0]?.id, key.id, "newest first");
});

test("a key without a name or scope, or with an end in the past, is refused with every reason", async () => {
  const keys = await service();
  await assert.rejects(
    keys.create({ tenantId: TENANT, name: "", scopes: [], expiresAt: new Date(0) }),
    ({ issues }: { issues: { path: string }[] }) =>
      assert.deepEqual(issues.map((issue) => issue.path).sort(), ["expires_at", "name", "scopes"]) === undefined,
  );
});

test("the last use is written once, not with every request", async () => {
  const keys = await service();
  const { secret, key } = await keys.create(request);
  assert.equal((await keys.get(TENANT, key.id)).lastUsedAt, null);
  await keys.authenticate(secret);
  await keys.close();
  const { lastUsedAt } = await keys.get(TENANT, key.id);
  assert.ok(lastUsedAt);
  for (let i = 0; i < 100; i++) await keys.authenticate(secret);
  await keys.close();
  assert.deepEqual((await keys.get(TENANT, key.id)).lastUsedAt, lastUsedAt);
});
