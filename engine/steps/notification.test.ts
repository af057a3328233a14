import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../tests/support/step-context.ts";
import { startClient, startServer } from "../../tests/support/test-server.ts";
import type { Mail, Mailer } from "../mail/index.ts";
import { notification } from "./notification.ts";

type Context = Parameters<typeof startClient>[0];

function run(context: Context, config: object, mailer: Mailer | null = null, attempt = testContext()) {
  const stepType = notification({ http: startClient(context), mailer });
  return stepType.run(stepType.config.parse(config), attempt);
}

test("a webhook gets the message and where it comes from, once per idempotency key", async (context) => {
  const server = await startServer(context, (_request, response) => response.writeHead(204).end());
  const config = {
    type: "webhook",
    webhook_url: `${server.origin}/hook`,
    message: "done",
    headers: { "X-Token": "t" },
  };
  assert.deepEqual(await run(context, config), { sent: true, type: "webhook", status_code: 204 });
  const { method, headers, body } = server.received[0]!;
  assert.deepEqual(JSON.parse(body), { message: "done", text: "done", execution_id: 7, workflow_id: 3, step: "step" });
  assert.deepEqual(
    [method, headers["content-type"], headers["idempotency-key"], headers["x-token"]],
    ["POST", "application/json", "7:step", "t"],
  );
});

test("the fields of data join the webhook's body and win", async (context) => {
  const server = await startServer(context, (_request, response) => response.end());
  await run(context, {
    type: "webhook",
    webhook_url: server.origin,
    message: "m",
    data: { text: "own", content: "c" },
  });
  const body = JSON.parse(server.received[0]!.body) as object;
  assert.deepEqual(body, { message: "m", text: "own", content: "c", execution_id: 7, workflow_id: 3, step: "step" });
});

test("a webhook that is refused fails as an HTTP request does", async (context) => {
  const server = await startServer(context, ({ url }, response) => response.writeHead(Number(url.slice(1))).end());
  const send = async (webhook_url: string) => run(context, { type: "webhook", webhook_url, message: "m" });
  await assert.rejects(send(`${server.origin}/404`), { code: "HTTP_STATUS", retryable: false });
  await assert.rejects(send(`${server.origin}/503`), { code: "HTTP_STATUS", retryable: true });
  await assert.rejects(send("http://127.0.0.2/"), { code: "ADDRESS_REFUSED", retryable: false });
});

test("a webhook that has moved has not got the message", async (context) => {
  const server = await startServer(context, (_request, response) => {
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const sending = run(context, { type: "webhook", webhook_url: server.origin, message: "m" });
  await assert.rejects(async () => sending, { code: "HTTP_STATUS", retryable: false });
  assert.equal(server.received.length, 1);
});

test("a log notification writes to the execution's log", (context) => {
  const attempt = testContext();
  assert.deepEqual(run(context, { type: "log", message: "hi" }, null, attempt), { sent: true, type: "log" });
  run(context, { type: "log", message: { total: 3 }, level: "warning" }, null, attempt);
  assert.deepEqual(attempt.lines, [
    { level: "info", message: "hi" },
    { level: "warning", message: '{"total":3}' },
  ]);
});

test("an email goes through the mailer", async (context) => {
  const mails: Mail[] = [];
  const mailer: Mailer = {
    send: async (mail) => {
      mails.push(mail);
      return { messageId: "<1@x>" };
    },
  };
  const config = { type: "email", to: "a@example.com", subject: "Hi", message: "Text" };
  assert.deepEqual(await run(context, config, mailer), { sent: true, type: "email", message_id: "<1@x>" });
  assert.deepEqual(mails, [{ to: ["a@example.com"], subject: "Hi", text: "Text", idempotencyKey: "7:step" }]);
});

test("an email without SMTP fails at once and names the variable", async (context) => {
  const config = { type: "email", to: ["a@example.com"], subject: "Hi", message: "Text" };
  await assert.rejects(async () => run(context, config), {
    code: "NOTIFICATION_FAILED",
    retryable: false,
    message: /SMTP_URL/,
  });
});

test("the config is refused where it breaks its rules", (context) => {
  const { config } = notification({ http: startClient(context), mailer: null });
  const broken = [
    { message: "m" },
    { type: "pigeon", message: "m" },
    { type: "webhook", message: "m" },
    { type: "webhook", webhook_url: "ftp://x", message: "m" },
    { type: "log", webhook_url: "https://x", message: "m" },
    { type: "email", to: "nobody", subject: "s", message: "m" },
    { type: "email", to: [], subject: "s", message: "m" },
    { type: "log" },
  ];
  for (const value of broken) assert.equal(config.safeParse(value).success, false, JSON.stringify(value));
});
