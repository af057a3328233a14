import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { channels } from "../engine/bus/bus.ts";
import { InProcessBus } from "../engine/bus/in-process-bus.ts";
import { tenantNamed } from "../engine/model/tenant.ts";
import type { ObserveOperation } from "../server/graphql/index.ts";
import { collect, type TestApi, testApi } from "./support/api.ts";
import { TENANT } from "./support/engine.ts";

const approval = { name: "sign_off", type: "wait_for_event", config: { approval: true, message: "ok?" } };
const log = { name: "after", type: "log", config: { message: "x" } };
const EVENTS = `subscription ($id: ID!, $after: Int! = 0) {
  executionEvents(executionId: $id, after: $after) { seq type stepName }
}`;
const UPDATES =
  "subscription ($id: ID!) { executionUpdates(executionId: $id) { status lastEventSeq steps { nodes { name status } } } }";
const ACTIVITY = `subscription ($filter: ActivityFilter) { activity(filter: $filter) {
  __typename ... on ExecutionChange { executionId status seq execution { status } } } }`;

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

/** An execution that waits for `approve`. */
async function waiting(): Promise<{ id: string; approve(): Promise<void> }> {
  const { id } = await api.t.start([approval, log]);
  await api.t.reached(id, "execution.waiting");
  return {
    id: `ex_${id}`,
    approve: async () => {
      const [step] = await api.t.engine.executions.steps(TENANT, id);
      await api.t.engine.executions.approveStep(TENANT, step!.id, { approved: true, by: null, comment: null });
    },
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A stream of /graphql/stream as a browser would read it. */
async function stream(query: string, variables: object, headers: Record<string, string> = {}): Promise<Response> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  return fetch(`${api.address}/graphql/stream?${search}`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${api.secret}`, ...headers },
  });
}

const idsIn = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test("the page shows the code that is tested here", async () => {
  const [page, code] = await Promise.all([
    readFile(new URL("../../docs/live.md", import.meta.url), "utf8"),
    readFile(new URL("../../examples/live/follow.ts", import.meta.url), "utf8"),
  ]);
  assert.ok(page.includes(code.slice(code.indexOf("const query")).trim()));
});

describe("an event stream", () => {
  test("has the seq of each event as its id, and goes on after Last-Event-ID", async () => {
    const { id, approve } = await waiting();
    await approve();
    await api.t.finished(Number(id.slice(3)));
    const whole = await (await stream(EVENTS, { id })).text();
    const ids = idsIn(whole);
    assert.deepEqual(ids, range(1, ids.length));
    assert.match(whole, /event: complete/);
    const rest = await (await stream(EVENTS, { id, after: 0 }, { "last-event-id": "3" })).text();
    assert.deepEqual(idsIn(rest), range(4, ids.length));
  });

  test("carries queries and mutations too, and tells what is wrong with a document", async () => {
    assert.match(await (await stream("{ stepTypes { name } }", {})).text(), /"stepTypes":\[/);
    assert.match(await (await stream("{ nothing }", {})).text(), /GRAPHQL_VALIDATION_FAILED/);
    assert.match(await (await stream("{", {})).text(), /GRAPHQL_PARSE_FAILED/);
  });

  test("is refused without a key, and without the type it comes in", async () => {
    assert.equal((await stream(EVENTS, {}, { authorization: "Bearer sw_wrong" })).status, 401);
    assert.equal((await stream(EVENTS, {}, { accept: "application/json" })).status, 406);
  });

  test("is refused with a code by whatever refuses it", async () => {
    const query = encodeURIComponent(
      'mutation { cancelExecution(input: { executionId: "ex_1" }) { userErrors { code } } }',
    );
    const response = await fetch(`${api.address}/graphql/stream?query=${query}`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${api.secret}` },
    });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    assert.equal(response.status, 405);
    assert.deepEqual(errors, [{ message: "Cannot perform mutations over GET", extensions: { code: "BAD_REQUEST" } }]);
  });
});

describe("what is shared", () => {
  test("a document, its variables and its scope: then it is executed once for all", async (t) => {
    const { id, approve } = await waiting();
    const read = t.mock.method(api.t.engine.executionQueries, "stepsByIds");
    const query = EVENTS.replace("stepName", "stepName step { name }");
    const [one, two] = [api.client(), api.client()];
    const all = [one, one, two].map((client) =>
      collect<{ executionEvents: { seq: number } }>(client, { query, variables: { id } }),
    );
    const sse = stream(query, { id }).then((response) => response.text());
    // All have joined when all have heard of the wait.
    const late = collect(two, { query, variables: { id, after: 2 } });
    const state = collect<{ executionUpdates: { status: string } }>(one, { query: UPDATES, variables: { id } });
    while (read.mock.callCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    await approve();
    const results = await Promise.all(all);
    const seqs = results.map((list) => list.map(({ executionEvents }) => executionEvents.seq));
    for (const each of seqs) assert.deepEqual(each, range(1, each.length));
    assert.deepEqual(idsIn(await sse), seqs[0]);
    assert.equal((await late).length, seqs[0]!.length - 2);
    assert.equal((await state).at(-1)?.executionUpdates.status, "COMPLETED");
  });

  test("nothing between tenants", async () => {
    const { id } = await waiting();
    const foreign = api.client({ apiKey: await api.keyFor(tenantNamed("other"), "read") });
    const own = api.client();
    const iterator = own.iterate({ query: UPDATES, variables: { id } });
    await iterator.next();
    for (const query of [EVENTS, UPDATES]) {
      await assert.rejects(
        collect(foreign, { query, variables: { id } }),
        (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code === "EXECUTION_NOT_FOUND",
      );
    }
    await iterator.return?.();
  });
});

describe("executionUpdates", () => {
  test("shows the execution at once, after changes, and last when it is over", async () => {
    const { id, approve } = await waiting();
    const client = api.client();
    const states: { status: string; lastEventSeq: number; steps: { nodes: object[] } }[] = [];
    for await (const { data } of client.iterate<{ executionUpdates: (typeof states)[0] }>({
      query: UPDATES,
      variables: { id },
    })) {
      states.push(data!.executionUpdates);
      if (states.length === 1) await approve();
    }
    assert.equal(states[0]?.status, "WAITING");
    assert.equal(states.at(-1)?.status, "COMPLETED");
    assert.equal(states.at(-1)?.steps.nodes.length, 2);
    const seqs = states.map(({ lastEventSeq }) => lastEventSeq);
    assert.deepEqual(
      seqs,
      [...new Set(seqs)].sort((a, b) => a - b),
    );
    const over = await collect<{ executionUpdates: { status: string } }>(client, { query: UPDATES, variables: { id } });
    assert.deepEqual(
      over.map(({ executionUpdates }) => executionUpdates.status),
      ["COMPLETED"],
    );
  });
});

describe("activity", () => {
  type Item = { activity: { __typename: string; executionId?: string; status?: string } };
  const listen = async (variables: Record<string, unknown>) => {
    const iterator = api.client().iterate<Item>({ query: ACTIVITY, variables });
    const next = async () => {
      const { value } = await iterator.next();
      if (!value?.data) throw value?.errors;
      return value.data.activity;
    };
    assert.equal((await next()).__typename, "ActivityResync", "begins with one");
    return { next, end: () => iterator.return?.() };
  };

  test("brings the changes of a workflow, filtered by status, and no other's", async () => {
    const first = await waiting();
    const execution = await api.t.engine.executions.get(TENANT, Number(first.id.slice(3)));
    const filter = { workflowId: `wf_${execution.workflowId}` };
    const [all, done] = [await listen({ filter }), await listen({ filter: { ...filter, status: ["COMPLETED"] } })];
    const other = await waiting();
    await other.approve();
    await first.approve();
    const seen = [await all.next(), await all.next()];
    assert.deepEqual(
      seen.map(({ status }) => status),
      ["RUNNING", "COMPLETED"],
    );
    assert.ok(seen.every(({ executionId }) => executionId === first.id));
    assert.equal((await done.next()).status, "COMPLETED");
    await all.end();
    await done.end();
  });

  test("of a tenant has every execution, and tells of a gap of the broker", async (t) => {
    let tellGap = (): void => {};
    const { subscribe } = InProcessBus.prototype;
    t.mock.method(
      InProcessBus.prototype,
      "subscribe",
      function (this: InProcessBus, channel: string, listener: () => void, gap?: () => void) {
        if (channel === channels.tenant(TENANT) && gap) tellGap = gap;
        return subscribe.call(this, channel, listener);
      },
    );
    const { next, end } = await listen({});
    const { id, approve } = await waiting();
    const statuses = [await next(), await next(), await next()];
    assert.deepEqual(
      statuses.map(({ status, executionId }) => [executionId, status]),
      [
        [id, "PENDING"],
        [id, "RUNNING"],
        [id, "WAITING"],
      ],
    );
    tellGap();
    assert.equal((await next()).__typename, "ActivityResync");
    await approve();
    assert.equal((await next()).status, "RUNNING");
    await end();
  });

  test("of a workflow that is not the tenant's is an error", async () => {
    await assert.rejects(
      collect(api.client(), { query: ACTIVITY, variables: { filter: { workflowId: "wf_999999" } } }),
      (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code === "WORKFLOW_NOT_FOUND",
    );
  });
});

describe("keys", () => {
  const keyOf = (expiresAt: Date | null = null) =>
    api.t.engine.keys.create({ tenantId: TENANT, name: "k", scopes: ["read"], expiresAt });
  const closedBy = async (secret: string, end: () => Promise<unknown>) => {
    const client = api.client({ apiKey: secret });
    const closed = new Promise<{ code: number }>((resolve) =>
      client.on("closed", (event) => resolve(event as { code: number })),
    );
    const iterator = client.iterate({ query: ACTIVITY });
    await iterator.next();
    const rest = iterator.next();
    rest.catch(() => {});
    await end();
    assert.equal((await closed).code, 4403);
  };

  test("one that is revoked closes the sockets that it opened, though they are silent", async () => {
    const { secret, key } = await keyOf();
    await closedBy(secret, () => api.t.engine.keys.revoke(TENANT, key.id));
  });

  test("also where the bus lost the news", async () => {
    const { secret, key } = await keyOf();
    await closedBy(secret, () => api.t.pool.query("UPDATE api_key SET revoked_at = now() WHERE id = $1", [key.id]));
  });

  test("one that expires does so too, and one that is cut off from an event stream is refused when it comes back", async () => {
    const { secret, key } = await keyOf(new Date(Date.now() + 3_600_000));
    const again = () => stream(ACTIVITY, {}, { authorization: `Bearer ${secret}` });
    const streamed = await again();
    await closedBy(secret, () => api.t.pool.query("UPDATE api_key SET expires_at = now() WHERE id = $1", [key.id]));
    await assert.rejects(streamed.text());
    // Until the cache reads it again.
    let response = await again();
    while (response.status === 200) {
      await response.body?.cancel();
      response = await again();
    }
    assert.equal(response.status, 401);
  });
});

describe("limits", () => {
  const open = async (payload: object | null) => {
    const socket = new WebSocket(`${api.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    if (!payload) return socket;
    socket.send(JSON.stringify({ type: "connection_init", payload }));
    // Until its key is known, it may send little.
    await once(socket, "message");
    return socket;
  };

  test("connections of one key are counted, whatever their kind", async () => {
    const small = await testApi({}, { liveLimits: { connectionsPerKey: 2 } });
    try {
      const url = `${small.address}/graphql/stream?query=${encodeURIComponent(ACTIVITY)}`;
      const headers = { accept: "text/event-stream", authorization: `Bearer ${small.secret}` };
      // Not fetch: it opens another connection when one is cut, and a server that stops waits for what comes over it.
      const ask = async (): Promise<IncomingMessage> =>
        (await once(get(url, { headers, agent: false }), "response"))[0];
      const streamed = await ask();
      const iterator = small.client().iterate({ query: ACTIVITY });
      await iterator.next();
      await assert.rejects(collect(small.client(), { query: "{ stepTypes { name } }" }), { code: 4430 });
      assert.equal((await ask()).resume().statusCode, 429);
      streamed.destroy();
      // The server hears of it when the connection is closed.
      for (let status: number | undefined = 429; status === 429; ) {
        const response = await ask();
        status = response.statusCode;
        response.destroy();
      }
      await iterator.return?.();
    } finally {
      await small.close();
    }
  });

  test("a client that leaves while its stream is being opened leaves nothing behind", {
    timeout: 120_000,
  }, async () => {
    let open = 0;
    const observe: ObserveOperation = () => ({
      run: (work) => work(),
      answered: () => {},
      started: () => {
        open += 1;
        return () => {
          open -= 1;
        };
      },
    });
    const watched = await testApi({}, { observe });
    try {
      const url = `${watched.address}/graphql/stream?query=${encodeURIComponent(ACTIVITY)}`;
      const ask = async () => {
        // A key that is not known yet: it has to be looked up.
        const secret = await watched.keyFor(TENANT, "read");
        return get(url, { headers: { accept: "text/event-stream", authorization: `Bearer ${secret}` }, agent: false });
      };
      for (let leavesAfter = 0; leavesAfter < 40; leavesAfter += 2) {
        const request = (await ask()).on("error", () => {});
        await once(request, "finish");
        for (let turn = 0; turn < leavesAfter; turn++) await new Promise((resolve) => setImmediate(resolve));
        request.destroy();
      }
      // Looked up after the others.
      const last = await ask();
      await once(last, "response");
      last.destroy();
      while (open > 0) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await watched.close();
    }
  });

  test("a message that is too large closes its socket with 1009, one that is no message with 4400", async () => {
    const large = await open({ apiKey: api.secret });
    large.send("x".repeat(5_000_000));
    assert.equal((await once(large, "close"))[0], 1009);
    const broken = await open({ apiKey: api.secret });
    broken.send("{}");
    assert.equal((await once(broken, "close"))[0], 4400);
  });

  test("a client that says nothing is closed with 4408", async () => {
    const silent = await open(null);
    assert.equal((await once(silent, "close"))[0], 4408);
  });
});
