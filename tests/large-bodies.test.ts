import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, mock, test } from "node:test";
import { WebSocket } from "ws";
import { LARGE } from "../engine/index.ts";
import { type TestApi, testApi } from "./support/api.ts";

/** What is parsed at a stretch: pieces of a large value have 64 KiB, and a little. */
const MAX_PIECE = 70_000;
const WITHIN = 40_000;
const BEYOND = 200_000;

let api: TestApi;
before(async () => {
  api = await testApi();
});
after(() => api.close());

const QUERY = "query ($definition: JSONObject!) { validateDefinition(definition: $definition) { isValid } }";
const steps = [{ name: "a", type: "log", config: { message: "hi" } }];
const definitionOf = (keys: number): object => {
  const notes = Object.fromEntries(Array.from({ length: keys }, (_, i) => [`key ${i}`, i]));
  return { steps, notes };
};
/** GraphQL, as it is put into a request or a message. */
const textOf = (definition: string): string =>
  `{"query":${JSON.stringify(QUERY)},"variables":{"definition":${definition}}}`;
const valid = textOf(JSON.stringify(definitionOf(WITHIN)));
const levels = "[".repeat(LARGE) + "]".repeat(LARGE);

interface Errors {
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly data?: unknown;
}

const headers = () => ({ "content-type": "application/json", authorization: `Bearer ${api.secret}` });

async function overHttp(body: string): Promise<Errors> {
  const response = await fetch(`${api.address}/graphql`, { method: "POST", headers: headers(), body });
  const answer = (await response.json()) as Errors;
  assert.equal(response.status, answer.errors ? 400 : 200);
  return answer;
}

async function overEventStream(body: string): Promise<Errors> {
  const response = await fetch(`${api.address}/graphql/stream`, {
    method: "POST",
    headers: { ...headers(), accept: "text/event-stream" },
    body,
  });
  return JSON.parse(/data: (.+)/.exec(await response.text())![1]!) as Errors;
}

async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`${api.address.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
    headers: headers(),
  });
  await once(socket, "open");
  socket.send('{"type":"connection_init"}');
  await once(socket, "message");
  return socket;
}

async function overWebSocket(body: string): Promise<Errors> {
  const socket = await openSocket();
  socket.send(`{"id":"1","type":"subscribe","payload":${body}}`);
  const [message] = (await once(socket, "message")) as [Buffer];
  socket.close();
  const { type, payload } = JSON.parse(message.toString()) as { type: string; payload: unknown };
  return (type === "error" ? { errors: payload } : payload) as Errors;
}

/** What this thread parsed meanwhile; characters of the longest, and of all. */
async function parsedBy(work: () => Promise<unknown>): Promise<{ texts: string[]; longest: number; all: number }> {
  const parse = mock.method(JSON, "parse");
  try {
    await work();
    const texts = parse.mock.calls.map(({ arguments: [text] }) => String(text));
    const lengths = texts.map(({ length }) => length);
    return { texts, longest: Math.max(0, ...lengths), all: lengths.reduce((sum, length) => sum + length, 0) };
  } finally {
    parse.mock.restore();
  }
}

for (const [face, send] of [
  ["HTTP", overHttp],
  ["event streams", overEventStream],
  ["WebSocket", overWebSocket],
] as const) {
  describe(`GraphQL over ${face}`, () => {
    test("takes a large body that a thread has parsed", async () => {
      assert.ok(valid.length > LARGE);
      let answer: Errors = {};
      const { longest, all } = await parsedBy(async () => {
        answer = await send(valid);
      });
      assert.deepEqual(answer.data, { validateDefinition: { isValid: true } });
      assert.ok(longest < MAX_PIECE, `${longest} characters at a stretch`);
      assert.ok(all > valid.length / 2, "it was seen");
    });

    test("refuses what has more values than any operation may, and never builds it", async () => {
      let answer: Errors = {};
      const { all } = await parsedBy(async () => {
        answer = await send(textOf(JSON.stringify(definitionOf(BEYOND))));
      });
      const [error] = answer.errors!;
      assert.partialDeepStrictEqual(error?.extensions, { code: "OPERATION_TOO_COMPLEX", limit: "cost", max: 10_000 });
      assert.ok(all < 10_000, `${all} characters were parsed`);
    });

    test("refuses what is deeper than variables may be", async () => {
      const answer = await send(textOf(levels));
      assert.deepEqual(answer.errors?.[0]?.extensions.code, "BAD_USER_INPUT");
      assert.match(answer.errors![0]!.message, /nested deeper than 100 levels/);
    });
  });
}

test("a large body that is no JSON, or sets a prototype, is refused as a small one is", async () => {
  const blanks = " ".repeat(LARGE);
  for (const body of [`{${blanks}`, `{"query":"{ __typename }","variables":{"__proto__":{}}}${blanks}`]) {
    const small = await overHttp(body.trim());
    assert.deepEqual(await overHttp(body), small);
    assert.equal(small.errors?.[0]?.extensions.code, "BAD_REQUEST");
    const [rest, restSmall] = await Promise.all([
      api.rest("POST", "/api/v1/workflows", body),
      api.rest("POST", "/api/v1/workflows", body.trim()),
    ]);
    assert.equal(rest.status, 400);
    assert.deepEqual({ ...rest.body, timestamp: "" }, { ...restSmall.body, timestamp: "" });
  }
  const socket = await openSocket();
  socket.send(`{${blanks}`);
  assert.equal((await once(socket, "close"))[0], 4400);
});

test("REST takes a large body that a thread has parsed, and tells what is too deep", async () => {
  const workflow_config = { ...definitionOf(WITHIN), steps: [{ name: "a", type: "none" }] };
  // The blank tells it from what the audit log makes of it.
  const body = ` ${JSON.stringify({ name: "large", workflow_config })}`;
  const { texts, all } = await parsedBy(async () => {
    const { body: refused } = await api.rest("POST", "/api/v1/workflows", body);
    assert.match(refused.detail, /steps\[0\]\.type/, "it was read");
  });
  assert.ok(!texts.includes(body));
  assert.ok(all > body.length / 2);
  const deep = await api.rest("POST", "/api/v1/workflows", `{"name":"deep","workflow_config":${levels}}`);
  assert.deepEqual([deep.status, deep.body.error_code], [400, "VALIDATION_FAILED"]);
});

test("messages of a socket are taken in the order in which they came, large ones among them", async () => {
  const socket = await openSocket();
  const ended = Promise.withResolvers<void>();
  const seen: string[] = [];
  socket.on("message", (data) => {
    const { id, type } = JSON.parse(String(data)) as { id: string; type: string };
    if (type === "complete") seen.push(id);
    if (seen.length === 2) ended.resolve();
  });
  socket.send(`{"id":"1","type":"subscribe","payload":${valid}}`);
  // Its id is taken again: a small message that passed the large one would be refused, and close the socket.
  socket.send('{"id":"1","type":"complete"}');
  socket.send('{"id":"2","type":"subscribe","payload":{"query":"{ __typename }"}}');
  socket.send('{"id":"3","type":"subscribe","payload":{"query":"{ __typename }"}}');
  await ended.promise;
  socket.close();
  assert.deepEqual(seen, ["2", "3"]);
});
