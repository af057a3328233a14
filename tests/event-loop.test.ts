import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { type TestApi, testApi } from "./support/api.ts";
import { longestTurnMs } from "./support/loop-probe.ts";

const items = Array.from({ length: 90_000 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  tags: ["a", "b"],
  ok: true,
}));
const rows = Buffer.from(JSON.stringify({ items }));
/** CPU time of one turn. It was 600 ms and more, for the run and again for each reading of it. */
const MAX_TURN_MS = 350;

const remote = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(rows);
});
let api: TestApi;
let url: string;

before(async () => {
  api = await testApi();
  remote.listen(0, "127.0.0.1");
  await once(remote, "listening");
  url = `http://127.0.0.1:${(remote.address() as AddressInfo).port}/`;
});
after(async () => {
  remote.close();
  remote.closeAllConnections();
  await api.close();
});

test("an answer of eight megabytes holds up nobody: not while it is taken over, nor when it is read", async () => {
  const ended: string[] = [];
  let id = 0;
  const held = await longestTurnMs(async () => {
    const answered = once(remote, "request");
    const big = await api.t.start([{ name: "s", type: "http_request", config: { url } }]);
    id = big.id;
    await answered;
    const small = await api.t.start([{ name: "a", type: "log", config: { message: "hi" } }]);
    await Promise.all([
      api.t.finished(big.id).then(() => ended.push("big")),
      api.t.finished(small.id).then(() => ended.push("small")),
    ]);
  });
  assert.deepEqual(ended, ["small", "big"]);
  assert.ok(held < MAX_TURN_MS, `taken over, it held the loop for ${held} ms`);

  const query = `{ execution(id: "ex_${id}") { result steps(first: 1) { nodes { output } } } }`;
  const { data, errors } = await api.query(query);
  assert.deepEqual(errors, []);
  assert.equal(data.execution.result.s.json.items.length, items.length);
  assert.deepEqual(data.execution.steps.nodes[0].output, data.execution.result.s);
  const steps = await api.rest("GET", `/api/v1/workflows/executions/${id}/steps`);
  assert.equal(
    ((steps.body as { output_data: { body: string } }[])[0] as { output_data: { body: string } }).output_data.body,
    rows.toString(),
  );
});
