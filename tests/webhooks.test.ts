import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { createEngine } from "../engine/engine.ts";
import { type TestApi, testApi } from "./support/api.ts";
import { testEngine } from "./support/engine.ts";
import { startServer } from "./support/test-server.ts";

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

const log = { name: "hello", type: "log", config: { message: "hi" } };
let names = 0;
async function workflow(config: object = {}): Promise<number> {
  const body = { name: `hooked ${++names}`, workflow_config: { steps: [log], ...config } };
  const answer = await api.rest("POST", "/api/v1/workflows", body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.id;
}
async function mutate(name: string, input: object, selection: string) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { field code } } }`;
  const { data, errors } = await api.query(query, { input });
  assert.deepEqual(errors, []);
  return data[name];
}

describe("outbound", () => {
  /** Resolves each time the target is called; so nobody has to look whether it was. */
  async function target(context: Parameters<typeof startServer>[0], statuses: number[] = []) {
    let calls = 0;
    const waiting: (() => void)[] = [];
    const server = await startServer(context, (_request, response) => {
      response.writeHead(statuses[calls++] ?? 200).end("thanks");
      waiting.shift()?.();
    });
    const called = () => new Promise<void>((resolve) => waiting.push(resolve));
    return { server, called };
  }
  const DELIVERIES = `query ($filter: WebhookDeliveryFilter, $after: String) {
    webhookDeliveries(first: 1, filter: $filter, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      nodes { id event status attempt responseStatus responseExcerpt nextAttemptAt url payload execution { id }
        resentFrom { id } } } }`;
  const deliveries = async (variables: object) => (await api.query(DELIVERIES, variables)).data.webhookDeliveries;
  /** The row is settled after the target's answer has come in. */
  async function settled(filter: object) {
    for (;;) {
      const found = await deliveries({ filter });
      if (found.nodes.length > 0 && found.nodes[0].status !== "PENDING") return found.nodes[0];
    }
  }

  test("the service delivers by itself what an execution does; GraphQL lists it, and sends it again", async (t) => {
    const { server, called } = await target(t);
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const id = await workflow({ webhooks: [{ url: server.origin, events: ["workflow_completed"], secret }] });
    const first = called();
    const { body } = await api.rest("POST", `/api/v1/workflows/${id}/execute`, {});
    await first;
    const [request] = server.received;
    new Webhook(secret).verify(request!.body, request!.headers as Record<string, string>);
    const payload = JSON.parse(request!.body);
    assert.deepEqual(
      [payload.event_type, payload.workflow_id, payload.execution_id, payload.status],
      ["workflow_completed", id, body.execution_id, "completed"],
    );

    const delivered = await settled({ executionId: body.execution_id });
    assert.deepEqual(
      { ...delivered, id: "" },
      {
        id: "",
        event: "WORKFLOW_COMPLETED",
        status: "DELIVERED",
        attempt: 1,
        responseStatus: 200,
        responseExcerpt: "thanks",
        nextAttemptAt: null,
        url: server.origin,
        payload,
        execution: { id: `ex_${body.execution_id}` },
        resentFrom: null,
      },
    );

    const second = called();
    const selection = "webhookDelivery { id messageId resentFrom { id messageId } }";
    const resent = await mutate("resendWebhookDelivery", { webhookDeliveryId: delivered.id }, selection);
    assert.equal(resent.webhookDelivery.resentFrom.id, delivered.id);
    await second;
    assert.equal(server.received[1]?.headers["webhook-id"], request!.headers["webhook-id"]);
    await settled({ workflowId: id });

    const page = await deliveries({ filter: { workflowId: id, status: ["DELIVERED"] } });
    assert.deepEqual([page.totalCount, page.pageInfo.hasNextPage], [2, true]);
    const next = await deliveries({ filter: { workflowId: id }, after: page.pageInfo.endCursor });
    assert.deepEqual([next.nodes[0].id, next.pageInfo.hasNextPage], [delivered.id, false]);
    assert.equal((await deliveries({ filter: { workflowId: id, status: ["FAILED"] } })).totalCount, 0);
  });

  test("what a process leaves in the outbox, the next one delivers when it starts", async (t) => {
    const { server, called } = await target(t);
    const first = await testEngine({ deliverWebhooks: false });
    t.after(() => first.close());
    const workflow_config = { steps: [log], webhooks: [{ url: server.origin, events: ["step_completed"] }] };
    const { id } = await first.start([], { workflow: { workflow_config } });
    await first.finished(id);
    await first.engine.stop(1_000);
    assert.equal(server.received.length, 0);
    const delivered = called();
    const next = await createEngine({ ...first.options, deliverWebhooks: true });
    await delivered;
    await next.stop(1_000);
    assert.equal(JSON.parse(server.received[0]!.body).execution_id, id);
    const { rows } = await first.pool.query("SELECT status FROM webhook_delivery");
    assert.deepEqual(rows, [{ status: "delivered" }]);
  });

  test("an unknown delivery is refused by name, and read as null", async () => {
    const refused = await mutate(
      "resendWebhookDelivery",
      { webhookDeliveryId: "whd_999999" },
      "webhookDelivery { id }",
    );
    assert.deepEqual(refused.userErrors, [{ field: ["webhookDeliveryId"], code: "DELIVERY_NOT_FOUND" }]);
    const { data } = await api.query(`{ webhookDelivery(id: "whd_999999") { id } node(id: "whd_999999") { id } }`);
    assert.deepEqual(data, { webhookDelivery: null, node: null });
  });
});

describe("inbound", () => {
  const HOOK = "hook { id name isEnabled isUnsigned tokenPrefix previousUntil workflow { id } } token secret";
  const created = async (input: object = {}) =>
    mutate("createHook", { workflowId: await workflow(), name: "orders", ...input }, HOOK);
  async function call(token: string, body: string, headers: Record<string, string> = {}) {
    const sent = { authorization: "", ...headers };
    return api.rest("POST", `/hooks/${token}`, body, sent);
  }
  function signed(secret: string, body: string, id: string, at = new Date()): Record<string, string> {
    return {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    };
  }

  test("a signed call starts the workflow once, however often it comes, with what it brought", async () => {
    const { hook, token, secret, userErrors } = await created();
    assert.deepEqual(userErrors, []);
    assert.ok(token.startsWith(hook.tokenPrefix) && secret.startsWith("whsec_"));
    // Byte for byte: parsed and written again it would be another text.
    const body = '{ "order":  77 }';
    const first = await call(token, body, signed(secret, body, "msg_1"));
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const again = await call(token, body, signed(secret, body, "msg_1"));
    assert.equal(again.body.execution_id, first.body.execution_id);
    const other = await call(token, body, signed(secret, body, "msg_2"));
    assert.notEqual(other.body.execution_id, first.body.execution_id);

    const read = await api.rest("GET", `/api/v1/workflows/executions/${first.body.execution_id}`);
    assert.equal(read.body.trigger_type, "webhook");
    assert.deepEqual(read.body.trigger_data.body, { order: 77 });
    assert.equal(first.body.workflow_id, read.body.workflow_id);
  });

  test("what is not signed, wrongly signed, too old or for nobody is refused in the envelope", async () => {
    const { token, secret } = await created();
    const body = "{}";
    const cases = [
      [401, "SIGNATURE_INVALID", await call(token, body)],
      [401, "SIGNATURE_INVALID", await call(token, "{ }", signed(secret, body, "msg_3"))],
      [401, "TIMESTAMP_REFUSED", await call(token, body, signed(secret, body, "msg_4", new Date(0)))],
      [404, "HOOK_NOT_FOUND", await call("whk_nobody", body)],
    ] as const;
    for (const [status, code, answer] of cases) {
      assert.deepEqual([answer.status, answer.body.error_code], [status, code], JSON.stringify(answer.body));
      assert.deepEqual(Object.keys(answer.body), ["detail", "timestamp", "path", "error_code"]);
    }
  });

  test("text, no body and a query are taken; a body that says JSON must be JSON, and one that is too large is refused", async () => {
    const { token, secret } = await created({ isUnsigned: true });
    assert.equal(secret, null);
    const text = await fetch(`${api.address}/hooks/${token}?from=shop`, { method: "POST", body: "plain" });
    const { execution_id } = (await text.json()) as { execution_id: number };
    const { trigger_data } = (await api.rest("GET", `/api/v1/workflows/executions/${execution_id}`)).body;
    assert.deepEqual([trigger_data.body, trigger_data.query], ["plain", { from: "shop" }]);
    const empty = await fetch(`${api.address}/hooks/${token}/`, { method: "POST" });
    assert.equal(empty.status, 200);
    assert.equal((await call(token, "{")).body.error_code, "VALIDATION_FAILED");
    const large = await call(token, JSON.stringify("x".repeat(2_000_000)));
    assert.deepEqual([large.status, large.body.error_code], [400, "VALIDATION_FAILED"]);
  });

  test("rotation makes a new pair and keeps the old one for its grace; disabling and deleting end it", async () => {
    const { hook, token, secret } = await created();
    const rotated = await mutate("rotateHook", { hookId: hook.id, graceSeconds: 60 }, HOOK);
    assert.notEqual(rotated.token, token);
    assert.ok(rotated.hook.previousUntil);
    const status = async (withToken: string, withSecret: string, id: string) =>
      (await call(withToken, "{}", signed(withSecret, "{}", id))).status;
    assert.deepEqual([await status(token, secret, "a"), await status(rotated.token, rotated.secret, "b")], [200, 200]);
    await mutate("rotateHook", { hookId: hook.id, graceSeconds: 0 }, HOOK);
    assert.equal(await status(rotated.token, rotated.secret, "c"), 404);

    const { data } = await api.query(`{ hook(id: "${hook.id}") { name } hooks { totalCount nodes { id } } }`);
    assert.equal(data.hook.name, "orders");
    assert.ok(data.hooks.nodes.some(({ id }: { id: string }) => id === hook.id));
    const changed = await mutate(
      "updateHook",
      { hookId: hook.id, isEnabled: false, name: "paused" },
      "hook { name isEnabled }",
    );
    assert.deepEqual([changed.hook.isEnabled, changed.hook.name], [false, "paused"]);
    const gone = await mutate("deleteHook", { hookId: hook.id }, "deletedHookId");
    assert.equal(gone.deletedHookId, hook.id);
    const after = await mutate("updateHook", { hookId: hook.id }, "hook { id }");
    assert.deepEqual(after.userErrors, [{ field: ["hookId"], code: "HOOK_NOT_FOUND" }]);
  });
});
