import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { type TestApi, testApi } from "../../tests/support/api.ts";
import { runWorkflow } from "./run-workflow.ts";
import type { Server } from "./server.ts";
import { watchExecution } from "./watch.ts";
import { apolloClient, eventsWithApollo, recentWithApollo } from "./with-apollo.ts";
import { recentWithUrql } from "./with-urql.ts";

let api: TestApi;
let server: Server;
before(async () => {
  api = await testApi();
  server = { url: api.address, apiKey: api.secret };
});
after(() => api.close());

const log = (name: string) => ({ name, type: "log", config: { message: name } });

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
    const approval = { name: "sign_off", type: "wait_for_event", config: { approval: true, message: "ok?" } };
    const { id } = await api.t.start([log("a"), approval, log("b")]);
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const seqs: number[] = [];
    let cuts = 0;
    for await (const { seq, type } of watchExecution({ ...server, url }, `ex_${id}`)) {
      seqs.push(seq);
      if (type !== "EXECUTION_WAITING" && seq !== 2) continue;
      for (const socket of sockets) socket.destroy();
      cuts += 1;
      if (type !== "EXECUTION_WAITING") continue;
      const approve = `mutation ($s: ID!) { approveStep(input: { stepId: $s }) { userErrors { message } } }`;
      const step = (
        await api.t.engine.executionQueries.stepsOf([id], { limit: 9, after: null, before: null, fromEnd: false })
      )
        .get(id)!
        .items.find(({ name }) => name === "sign_off")!;
      assert.deepEqual((await api.query(approve, { s: step.id })).data.approveStep.userErrors, []);
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

test("urql and Apollo Client read the same executions, and Apollo Client watches one", async () => {
  const { id } = await api.t.start([log("a")]);
  await api.t.finished(id);
  const client = apolloClient(server);
  try {
    assert.deepEqual((await recentWithApollo(client))[0], `ex_${id}`);
    assert.deepEqual(await recentWithUrql(server), await recentWithApollo(client));
    const types = await eventsWithApollo(client, `ex_${id}`);
    assert.deepEqual([types[0], types.at(-1)], ["EXECUTION_CREATED", "EXECUTION_COMPLETED"]);
  } finally {
    client.stop();
  }
});
