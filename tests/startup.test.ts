import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { type Ended, embeddedPostgresOf, processGone, type Service, startService } from "./support/service.ts";

let root: string;
/** The cluster that most tests start again; its path has spaces. */
let dataDir: string;
const services: Service[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), "stepwire startup "));
  dataDir = join(root, "data folder");
});

after(async () => {
  for (const service of services) await service.kill("SIGKILL");
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

function start(env: Record<string, string>, options: { uid?: number; gid?: number; cwd?: string } = {}): Service {
  const service = startService({ env, ...options });
  services.push(service);
  return service;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function query(text: string, folder = dataDir): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: (await embeddedPostgresOf(folder)).url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function assertOneLine({ code, stderr }: Ended, expected: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, expected);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
}

describe("the service on its embedded Postgres", () => {
  test("a first start makes the cluster, answers /live, and stops on SIGINT with 0 and no process left", async () => {
    const service = start({ DATA_DIR: dataDir });
    const live = await fetch(`${await service.address}/live`);
    assert.deepEqual([live.status, await live.json()], [200, { status: "alive" }]);
    await query("CREATE TABLE note (text text)");
    await query("INSERT INTO note VALUES ('first')");
    const { pid } = await embeddedPostgresOf(dataDir);
    const { code, stderr } = await service.kill("SIGINT");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    await processGone(pid);
    assert.deepEqual((await readdir(dataDir)).sort(), ["files", "postgres", "secret.key"], "the lock is released");
  });

  test("/ready says yes only when the key of the start works, on both ports", async (t) => {
    const key = "a-key-that-works-from-the-first-moment";
    const [port, sagaPort] = [await freePort(), await freePort()];
    const folder = await mkdtemp(join(root, "ready "));
    const service = start({ DATA_DIR: folder, API_KEY: key, PORT: String(port), SAGA_PORT: String(sagaPort) });
    t.after(() => service.kill("SIGTERM"));
    const headers = { authorization: `Bearer ${key}` };
    const probe = async (url: string, path: string) => {
      while (
        !(await fetch(`${url}/ready`).then(
          ({ ok }) => ok,
          () => false,
        ))
      );
      return (await fetch(`${url}${path}`, { headers })).status;
    };
    const statuses = await Promise.all([
      probe(`http://127.0.0.1:${port}`, "/api/v1/workflows"),
      probe(`http://127.0.0.1:${sagaPort}`, "/api/v1/sagas"),
    ]);
    assert.deepEqual(statuses, [200, 200]);
  });

  test("a second start finds the data; after kill -9 the next start has all that was committed", async () => {
    const killed = start({ DATA_DIR: dataDir });
    await killed.address;
    assert.deepEqual(await query("SELECT text FROM note"), [{ text: "first" }]);
    await query("INSERT INTO note VALUES ('before the kill')");
    await killed.kill("SIGKILL");

    const next = start({ DATA_DIR: dataDir });
    await next.address;
    assert.deepEqual(await query("SELECT text FROM note"), [{ text: "first" }, { text: "before the kill" }]);
    assert.equal((await next.kill("SIGTERM")).code, 0);
  });

  test("Postgres does not outlive a killed service", async () => {
    const service = start({ DATA_DIR: dataDir });
    await service.address;
    const { pid } = await embeddedPostgresOf(dataDir);
    await service.kill("SIGKILL");
    await processGone(pid);
  });

  test("a postmaster.pid whose pid is another process now does not confuse the start", async () => {
    await writeFile(join(dataDir, "postgres", "data", "postmaster.pid"), `${process.pid}\n`);
    const service = start({ DATA_DIR: dataDir });
    await service.address;
    assert.equal((await query("SELECT 1")).length, 1);
    assert.equal((await service.kill("SIGINT")).code, 0);
  });

  test("a second service on the same folder refuses with one line, and the first goes on", async () => {
    const first = start({ DATA_DIR: dataDir });
    const address = await first.address;
    assertOneLine(
      await start({ DATA_DIR: dataDir }).ended,
      /DATA_DIR .* is in use by another Stepwire \(process \d+\)/,
    );
    assert.equal((await fetch(`${address}/live`)).status, 200);
    assert.equal((await query("SELECT 1")).length, 1);

    const taken = new URL(address).port;
    const other = join(root, "other");
    assertOneLine(await start({ DATA_DIR: other, PORT: taken }).ended, new RegExp(`PORT ${taken} is taken`));
    await assert.rejects(embeddedPostgresOf(other), "its Postgres has stopped again");
    assert.equal((await first.kill("SIGINT")).code, 0);
  });

  test("whoever reads its log may go away: it serves on, and stops on SIGTERM with 0", {
    timeout: 60_000,
  }, async () => {
    const service = start({ DATA_DIR: dataDir });
    const address = await service.address;
    service.process.stdout?.destroy();
    service.process.stderr?.destroy();
    assert.equal((await fetch(`${address}/live`)).status, 200);
    assert.equal((await service.kill("SIGTERM")).code, 0);
  });

  test("the service ends with 1 when its Postgres is ended from outside", async () => {
    const service = start({ DATA_DIR: dataDir });
    await service.address;
    process.kill((await embeddedPostgresOf(dataDir)).pid, "SIGINT");
    assert.equal((await service.ended).code, 1);
  });

  test("data of another major version is refused with one line that says what to do", async () => {
    const versionFile = join(dataDir, "postgres", "data", "PG_VERSION");
    const version = await readFile(versionFile, "utf8");
    await writeFile(versionFile, "12\n");
    assertOneLine(await start({ DATA_DIR: dataDir }).ended, /made by PostgreSQL 12, and this is \d+: dump it/);
    await writeFile(versionFile, version);
  });

  test("root starts it for an ordinary user's folder, and the user starts it again", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("needs root to become another user");
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" })));
    if (uid === undefined || gid === undefined) return t.skip("needs the user nobody");
    try {
      execFileSync(process.execPath, ["-e", "require('node:fs').readdirSync(process.argv[1])", import.meta.dirname], {
        uid,
        gid,
        cwd: "/",
      });
    } catch {
      return t.skip("the checkout is closed to other users");
    }
    const home = await mkdtemp(join(tmpdir(), "stepwire-user-"));
    t.after(() => rm(home, { recursive: true, force: true }));
    await mkdir(join(home, "data"));
    for (const path of [home, join(home, "data")]) await chown(path, uid, gid);
    const env = { DATA_DIR: "data" };

    for (const user of [{ uid, gid }, {}, { uid, gid }]) {
      const service = start(env, { ...user, cwd: home });
      await service.address;
      assert.equal((await query("SELECT 1", join(home, "data"))).length, 1);
      assert.equal((await service.kill("SIGINT")).code, 0);
    }
  });
});

describe("a start that cannot succeed", () => {
  test("a folder that cannot be made is one line", async () => {
    const file = join(root, "a file");
    await writeFile(file, "");
    assertOneLine(await start({ DATA_DIR: join(file, "data") }).ended, /DATA_DIR .* cannot be written \(ENOTDIR\)/);
  });

  test("each wrong variable is a line", async () => {
    const { code, stderr } = await start({ DATA_DIR: dataDir, PORT: "eight", LOG_LEVEL: "loud" }).ended;
    assert.equal(code, 1);
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      "stepwire: PORT must be a whole number from 0 to 65535",
      "stepwire: LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent",
    ]);
  });

  test("a database that does not answer is one line without its password", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const address = closed.address();
    assert.ok(address !== null && typeof address === "object");
    closed.close();
    await once(closed, "close");
    const ended = await start({ DATABASE_URL: `postgresql://app:hush@127.0.0.1:${address.port}/app` }).ended;
    assertOneLine(ended, /DATABASE_URL: no connection to Postgres at 127\.0\.0\.1:\d+ \(.*ECONNREFUSED/);
    assert.ok(!ended.stderr.includes("hush"));
  });
});
