import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { collect, testApi } from "./support/api.ts";
import { toAll } from "./support/engine.ts";

const SECRET = 'hunter2-"quoted"+value/=';
const forms = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString("base64"),
];

test("a variable's value is in nothing that is stored, sent or logged, even when an upstream echoes it", async (t) => {
  const upstream = createServer(async (request, response) => {
    const echo = { url: request.url, headers: request.headers, body: await text(request) };
    response.writeHead(request.url?.includes("fail") ? 422 : 200, {
      "content-type": "application/json",
      "x-echo": encodeURIComponent(SECRET),
    });
    response.end(JSON.stringify(echo));
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  t.after(() => upstream.close());
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

  const logged: unknown[] = [];
  const environment = toAll({ TOKEN: SECRET });
  const api = await testApi({ environment, log: (...line) => void logged.push(line) });
  t.after(() => api.close());
  const request = (name: string, path: string) => ({
    name,
    type: "http_request",
    config: {
      url: `${origin}/${path}?token={{env.TOKEN}}`,
      method: "POST",
      headers: { "X-Token": "Bearer {{env.TOKEN}}" },
      data: { token: "{{env.TOKEN}}", nested: ["a {{env.TOKEN}} b"] },
    },
  });
  const { body: workflow } = await api.rest("POST", "/api/v1/workflows", {
    name: "secret keeper",
    max_retries: 0,
    workflow_config: {
      steps: [
        request("echo", "ok"),
        { name: "say", type: "log", config: { message: "{{env.TOKEN}} and {{steps.echo.body}}" } },
        {
          name: "pass_on",
          type: "data_transform",
          config: {
            source_data: "{{steps.echo.json}}",
            transformations: [{ type: "extract", path: "body", key: "body" }],
          },
        },
        request("fail", "fail"),
      ],
    },
  });
  assert.ok(workflow.id, JSON.stringify(workflow));
  const { body: started } = await api.rest("POST", `/api/v1/workflows/${workflow.id}/execute`, {});
  const events = await collect(api.client(), {
    query: `subscription { executionEvents(executionId: "ex_${started.execution_id}") { type data step { input output error { message } } } }`,
  });
  const { execution, steps } = await api.t.finished(started.execution_id);
  assert.equal(execution.status, "failed");
  assert.equal(steps.filter((step) => step.name !== "fail" && step.status === "completed").length, 3);

  const dump: unknown[] = [];
  const { rows: tables } = await api.t.pool.query(
    "SELECT format('%I', relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  for (const { name } of tables) {
    const { rows } = await api.t.pool.query(`SELECT t::text AS row FROM ${name} AS t`);
    dump.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  const seen = {
    events,
    logged: [logged, api.log],
    dump,
    rest: await Promise.all(
      ["", "/steps"].map((path) => api.rest("GET", `/api/v1/workflows/executions/${execution.id}${path}`)),
    ),
    records: [execution, steps],
  };
  for (const [where, value] of Object.entries(seen)) {
    const all = JSON.stringify(value);
    assert.ok(all.length > 2, where);
    for (const form of forms) {
      const found = [form, JSON.stringify(form).slice(1, -1)].find((one) => all.includes(one));
      assert.equal(
        found,
        undefined,
        `${where} holds it: ${all.slice(Math.max(all.indexOf(found ?? "") - 200, 0)).slice(0, 400)}`,
      );
    }
  }
});
