import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { tenantNamed } from "../engine/model/tenant.ts";
import { collect } from "./support/api.ts";
import { type TestParticipant, testParticipant } from "./support/participant.ts";
import { type SagaApi, sagaApi } from "./support/saga-api.ts";

const steps = ["charge", "ship"].map((command) => ({
  name: command,
  service: "shop",
  command,
  compensation_command: `undo_${command}`,
  retry_attempts: 0,
  compensation: { command: `undo_${command}`, retry_attempts: 0 },
}));

describe("GraphQL on 8008", { timeout: 120_000 }, () => {
  let shop: TestParticipant;
  let api: SagaApi;
  let client: Client;
  let refused = new Set<string>();
  before(async () => {
    shop = await testParticipant(({ body }) => ({ status: refused.has(body.command) ? 422 : 200, body: { n: 1 } }));
    api = await sagaApi({ shop: shop.url });
    client = createClient({
      url: `${api.address.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${api.secret}` },
      retryAttempts: 0,
    });
  });
  after(async () => {
    await client.dispose();
    await api.close();
    await shop.close();
  });

  async function query(text: string, variables: object = {}, secret = api.secret) {
    const response = await fetch(`${api.address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: text, variables }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests read what they selected, whatever its shape.
    return (await response.json()) as any;
  }

  async function start(input: object): Promise<string> {
    const { data } = await query(
      "mutation ($input: StartSagaInput!) { startSaga(input: $input) { saga { id } userErrors { code field message } } }",
      { input },
    );
    assert.deepEqual(data.startSaga.userErrors, []);
    return data.startSaga.saga.id;
  }

  test("registers a type, starts a saga of it and shows it undone", async () => {
    const registered = await query(
      `mutation ($input: RegisterSagaTypeInput!) {
        registerSagaType(input: $input) { sagaType { name version timeoutSeconds } userErrors { code field message } }
      }`,
      { input: { name: "order", steps, timeoutSeconds: 60 } },
    );
    assert.deepEqual(registered.data.registerSagaType, {
      sagaType: { name: "order", version: 1, timeoutSeconds: 60 },
      userErrors: [],
    });
    refused = new Set(["ship"]);
    const sagaId = await start({ type: "order", input: { order: 3 }, correlationId: "o-3" });
    const events = await collect<{ sagaEvents: { seq: number; type: string; stepName: string | null } }>(client, {
      query: "subscription ($sagaId: ID!) { sagaEvents(sagaId: $sagaId) { seq type stepName } }",
      variables: { sagaId },
    });
    assert.deepEqual(
      events.map(({ sagaEvents }) => sagaEvents.seq),
      events.map((_, i) => i + 1),
    );
    const told = events.map(({ sagaEvents: { type, stepName } }) => [type, stepName].filter(Boolean).join(" "));
    assert.ok(told.includes("STEP_COMPLETED charge[undo]") && told.at(-1) === "EXECUTION_FAILED");
    const rest = await collect<{ sagaEvents: { seq: number } }>(client, {
      query: "subscription ($sagaId: ID!, $after: Int!) { sagaEvents(sagaId: $sagaId, after: $after) { seq } }",
      variables: { sagaId, after: events.length - 2 },
    });
    assert.equal(rest.length, 2);
    const { data } = await query(
      `query ($id: ID!) {
        saga(id: $id) { type status compensationStatus correlationId executionId output steps { name status command } }
        sagas(filter: { status: COMPENSATED }, first: 1) { totalCount nodes { id } pageInfo { hasNextPage } }
        sagaTypes { name }
      }`,
      { id: sagaId },
    );
    const { executionId, ...saga } = data.saga;
    assert.match(executionId, /^ex_\d+$/);
    assert.deepEqual(saga, {
      type: "order",
      status: "COMPENSATED",
      compensationStatus: "COMPLETED",
      correlationId: "o-3",
      output: { n: 1 },
      steps: [
        { name: "charge", status: "COMPENSATED", command: "charge" },
        { name: "ship", status: "FAILED", command: "ship" },
      ],
    });
    assert.deepEqual(data.sagas, { totalCount: 1, nodes: [{ id: sagaId }], pageInfo: { hasNextPage: false } });
    assert.deepEqual(data.sagaTypes, [{ name: "order" }]);
  });

  test("lets an operator skip an undoing that failed, and keeps it in the audit log", async () => {
    refused = new Set(["ship", "undo_charge"]);
    const sagaId = await start({ type: "order" });
    await api.finished(sagaId);
    const mutate = (name: string, type: string, input: object) =>
      query(
        `mutation ($input: ${type}!) {
          ${name}(input: $input) { saga { status compensationStatus } userErrors { code field } }
        }`,
        { input: { sagaId, ...input } },
      );
    const resumed = await mutate("resumeCompensation", "ResumeCompensationInput", {});
    assert.deepEqual(resumed.data.resumeCompensation.userErrors, []);
    await api.finished(sagaId);
    const wrong = await mutate("skipCompensation", "SkipCompensationInput", { step: "ship", reason: "x" });
    assert.deepEqual(wrong.data.skipCompensation.userErrors, [{ code: "VALIDATION_FAILED", field: ["step"] }]);
    const skipped = await mutate("skipCompensation", "SkipCompensationInput", {
      step: "charge",
      reason: "paid back in cash",
    });
    assert.deepEqual(skipped.data.skipCompensation.userErrors, []);
    assert.equal((await api.finished(sagaId)).status, "compensated");
    const { rows } = await api.t.pool.query(
      "SELECT actor, after FROM audit_entry WHERE action = 'execution.skip_compensation' AND refused IS NULL",
    );
    assert.equal(rows.length, 1);
    assert.match(JSON.stringify(rows[0]), /paid back in cash/);
    const none = await mutate("cancelSaga", "CancelSagaInput", {});
    assert.deepEqual(none.data.cancelSaga.userErrors, [{ code: "INVALID_STATE", field: null }]);
  });

  test("publishes events, and follows them by position and type", async () => {
    const publish = async (input: object) =>
      (
        await query(
          `mutation ($input: PublishEventInput!) {
            publishEvent(input: $input) { event { position version streamId } userErrors { code field } }
          }`,
          { input: { aggregateType: "cart", aggregateId: "1", ...input } },
        )
      ).data.publishEvent;
    const first = await publish({ type: "cart.filled", data: { n: 1 }, expectedVersion: 0 });
    assert.deepEqual([first.event.version, first.event.streamId], [1, "cart-1"]);
    assert.deepEqual((await publish({ type: "cart.filled", expectedVersion: 0 })).userErrors, [
      { code: "VERSION_CONFLICT", field: ["expectedVersion"] },
    ]);
    assert.deepEqual((await publish({ type: "" })).userErrors, [{ code: "VALIDATION_FAILED", field: ["type"] }]);
    const following = (async () => {
      const seen: number[] = [];
      const stream = client.iterate<{ domainEvents: { version: number } }>({
        query: 'subscription ($after: SafeInt!) { domainEvents(after: $after, types: ["cart.filled"]) { version } }',
        variables: { after: first.event.position - 1 },
      });
      for await (const { data } of stream) {
        seen.push(data!.domainEvents.version);
        if (seen.length === 3) return seen;
      }
      return seen;
    })();
    await publish({ type: "cart.emptied" });
    await publish({ type: "cart.filled" });
    await publish({ type: "cart.filled" });
    assert.deepEqual(await following, [1, 3, 4]);
    const { data } = await query(
      'query { domainEvents(first: 1, types: ["cart.emptied"]) { totalCount nodes { version } } }',
    );
    assert.deepEqual(data.domainEvents, { totalCount: 1, nodes: [{ version: 2 }] });
  });

  test("shows browsers a page whose first query is one of this schema", async () => {
    const page = await fetch(`${api.address}/graphql`, { headers: { accept: "text/html" } });
    const shown = /query Recent \{.*?\\n\}/s.exec(await page.text())?.[0];
    assert.ok(shown, "the page shows a query");
    const { data, errors } = await query(JSON.parse(`"${shown}"`));
    assert.equal(errors, undefined);
    assert.ok(data.sagas.nodes.length > 0);
  });

  test("shows a key nothing of another tenant, and asks for its scopes", async () => {
    const sagaId = await start({ type: "order" });
    const foreign = await api.keyFor(tenantNamed("other"), "read");
    const { data } = await query(
      "query ($id: ID!) { saga(id: $id) { id } sagas { totalCount } sagaTypes { name } domainEvents { totalCount } }",
      { id: sagaId },
      foreign,
    );
    assert.deepEqual(data, { saga: null, sagas: { totalCount: 0 }, sagaTypes: [], domainEvents: { totalCount: 0 } });
    const denied = await query(
      'mutation { startSaga(input: { type: "order" }) { saga { id } userErrors { code } } }',
      {},
      foreign,
    );
    assert.equal(denied.errors[0].extensions.code, "FORBIDDEN");
    await api.finished(sagaId);
  });
});
