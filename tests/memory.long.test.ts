import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { JsonObject } from "../engine/model/json.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import { TENANT } from "./support/engine.ts";
import type { MemoryReport, MemoryTask } from "./support/memory-child.ts";
import { testDatabase } from "./support/postgres.ts";

const HEAP_MIB = 512;
const ANSWER_BYTES = 9_500_000;
const program = fileURLToPath(new URL("./support/memory-child.js", import.meta.url));

/** What large answers look like: text, records, and what takes most memory for its size. */
const bodies: Readonly<Record<string, string>> = {
  "/text": JSON.stringify({ text: "x".repeat(ANSWER_BYTES) }),
  "/records": `[${`{"id":1234567,"name":"somebody","tags":["a","b"]},`.repeat(ANSWER_BYTES / 50)}0]`,
  "/empty": `[${"{},".repeat(ANSWER_BYTES / 3)}0]`,
};

let server: Server;
let origin: string;

before(async () => {
  server = createServer((request, response) => {
    const body = bodies[request.url!.replace("/chunked", "")]!;
    response.setHeader("content-type", "application/json");
    if (!request.url!.startsWith("/chunked")) return response.end(body);
    response.write(body.slice(0, 1_000));
    return response.end(body.slice(1_000));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs them in a process of 512 MiB, and says how each ended and with what errors. */
async function withLittleMemory(task: Pick<MemoryTask, "tenants" | "steps" | "executions">) {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), "stepwire-memory-"));
  try {
    const whole: MemoryTask = { ...task, databaseUrl: database.url, directory };
    const child = fork(program, [JSON.stringify(whole)], {
      execArgv: ["--enable-source-maps", `--max-old-space-size=${HEAP_MIB}`, "--max-semi-space-size=8"],
    });
    const reported = Promise.withResolvers<MemoryReport | null>();
    child.once("message", (report) => reported.resolve(report as MemoryReport));
    child.once("exit", () => reported.resolve(null));
    const report = await reported.promise;
    assert.ok(report, "the process lives until all is over");
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ status: string; code: string | null }>(
      "SELECT status, error->>'code' AS code FROM execution ORDER BY id",
    );
    await client.end();
    assert.equal(rows.length, task.tenants.length * task.executions);
    return { rows, report };
  } finally {
    await rm(directory, { recursive: true, force: true });
    await database.drop();
  }
}

const get = (name: string, path: string): JsonObject => ({
  name,
  type: "http_request",
  config: { url: `${origin}${path}`, timeout_seconds: 600 },
  retry: { max_attempts: 1 },
});

const byName = new Set(["EXECUTION_TOO_LARGE"]);

describe("a process with a small heap", { timeout: 600_000 }, () => {
  for (const path of ["/text", "/records", "/chunked/empty"]) {
    test(`lives through eight executions of six answers of 9.5 MB each (${path})`, async () => {
      const steps = Array.from({ length: 6 }, (_, i) => get(`call ${i}`, path));
      const { rows } = await withLittleMemory({ tenants: [TENANT, tenantNamed("other")], steps, executions: 4 });
      for (const { status, code } of rows) assert.ok(status === "completed" || byName.has(code!), `${status} ${code}`);
    });
  }

  test("lives through a for_each of a hundred answers of 9.5 MB at once", async () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const steps = [{ ...get("call", "/records"), for_each: { items, concurrency: 100 } }];
    const { rows } = await withLittleMemory({ tenants: [TENANT], steps, executions: 1 });
    for (const { status, code } of rows) assert.ok(status === "completed" || byName.has(code!), `${status} ${code}`);
  });
});
