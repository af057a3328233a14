import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { after, before, test } from "node:test";
import { type TestApi, testApi } from "../../tests/support/api.ts";
import { runWorkflow } from "./run-workflow.ts";
import type { Server } from "./server.ts";
import { watchExecution } from "./watch.ts";

let api: TestApi;
let server: Server;
before(async () => {
  api = await testApi();
  server = { url: api.address, apiKey: api.secret };
});
after(() => api.close());

const log = (name: string) => ({ name, type: "log", config: { message: name } });

/** An execution that waits for `approve`. */
async function waiting() {
  const approval = { name: "sign_off", type: "wait_for_event", config: { approval: true, message: "ok?" } };
  const { id } = await api.t.start([log("a"), approval, log("b")]);
  const mutation = `mutation ($s: ID!) { approveStep(input: { stepId: $s }) { userErrors { message } } }`;
  const page = { limit: 9, after: null, before: null, fromEnd: false };
  return {
    id,
    async approve() {
      const steps = (await api.t.engine.executionQueries.stepsOf([id], page)).get(id)!.items;
      const { id: step } = steps.find(({ name }) => name === "sign_off")!;
      assert.deepEqual((await api.query(mutation, { s: step })).data.approveStep.userErrors, []);
    },
  };
}

test("the script creates a workflow, executes it, waits and prints the result", async () => {
  const lines: string[] = [];
  await runWorkflow(server, "hello", (line) => lines.push(line));
  assert.match(lines[0]!, /^ex_\d+ started$/);
  assert.deepEqual(
    lines.slice(1, -1).map((line) => Number(line.split(" ")[0])),
    lines.slice(1, -1).map((_, i) => i + 1),
  );
  assert.match(lines.at(-1)!, /^ex_\d+ COMPLETED after \d+ ms: \{.*"greet":/);
  await assert.rejects(
    runWorkflow(server, "hello", () => {}),
    /^Error: NAME_TAKEN/,
  );
});

test("the watcher goes on where a broken connection left it", async () => {
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const upstream = connect(Number(new URL(api.address).port), "127.0.0.1");
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.on("error", () => {}).on("close", () => to.destroy());
      from.pipe(to);
      sockets.add(from);
    }
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  try {
    const { id, approve } = await waiting();
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const seqs: number[] = [];
    let cuts = 0;
    for await (const { seq, type } of watchExecution({ ...server, url }, `ex_${id}`)) {
      seqs.push(seq);
      if (type !== "EXECUTION_WAITING" && seq !== 2) continue;
      for (const socket of sockets) socket.destroy();
      cuts += 1;
      if (type === "EXECUTION_WAITING") await approve();
    }
    assert.equal(cuts, 2);
    assert.deepEqual(
      seqs,
      Array.from({ length: seqs.length }, (_, i) => i + 1),
    );
    await assert.rejects(watchExecution(server, "ex_999999").next(), ([error]) => /not found/i.test(error.message));
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
});

/** A package of its own, as a client of ours would be; this file runs from dist/examples/client. */
const libraries = join(import.meta.dirname, "../../../examples/client-libraries");
const skip = existsSync(join(libraries, "node_modules"))
  ? false
  : `say npm ci --prefix ${relative(".", libraries)} first`;
if (process.env.CI === "true" && skip) throw new Error(`CI runs every example: ${skip}`);

const run = (program: string, ...args: string[]) => {
  const env = { STEPWIRE_URL: server.url, STEPWIRE_API_KEY: server.apiKey };
  const child = spawn(process.execPath, [join(libraries, program), ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return createInterface(child.stdout);
};

test("urql and Apollo Client read the same executions", { skip }, async () => {
  const { id } = await api.t.start([log("a")]);
  await api.t.finished(id);
  const recent = async (lines: AsyncIterable<string>) => {
    for await (const line of lines) return line.split(" ");
    return [];
  };
  const ids = await recent(run("with-urql.ts"));
  assert.equal(ids[0], `ex_${id}`);
  assert.deepEqual(await recent(run("with-apollo.ts", `ex_${id}`)), ids);
});

test("Apollo Client goes on where a broken connection left it", { skip }, async () => {
  const { id, approve } = await waiting();
  const seqs: number[] = [];
  let cuts = 0;
  let last = "";
  for await (const line of run("with-apollo.ts", `ex_${id}`)) {
    if (line.startsWith("ex_")) continue;
    const [seq, type] = line.split(" ");
    seqs.push(Number(seq));
    last = type!;
    if (type !== "EXECUTION_WAITING" && seq !== "2") continue;
    for (const socket of api.sockets) socket.destroy();
    cuts += 1;
    if (type === "EXECUTION_WAITING") await approve();
  }
  assert.deepEqual([cuts, last], [2, "EXECUTION_COMPLETED"]);
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, i) => i + 1),
  );
});
