import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { createMailer } from "./nodemailer.ts";

interface Delivery {
  readonly from: string;
  readonly to: string[];
  readonly user: string | undefined;
  readonly source: string;
}

/** A real SMTP server on loopback. */
async function startSmtp(context: TestContext, options: SMTPServerOptions = {}) {
  const deliveries: Delivery[] = [];
  const server = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) =>
      password === "right" ? callback(null, { user: username }) : callback(new Error("no")),
    async onData(stream, session, callback) {
      const { mailFrom, rcptTo } = session.envelope;
      deliveries.push({
        from: mailFrom === false ? "" : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        user: session.user,
        source: await text(stream),
      });
      callback();
    },
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const mailers: ReturnType<typeof createMailer>[] = [];
  const open = (credentials = ""): ReturnType<typeof createMailer> => {
    const mailer = createMailer(`smtp://${credentials}127.0.0.1:${port}`, "Stepwire <noreply@example.com>");
    mailers.push(mailer);
    return mailer;
  };
  context.after(async () => {
    for (const mailer of mailers) await mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { deliveries, open };
}

const mail = {
  to: ["a@example.com", "b@example.com"],
  subject: "Grüße",
  text: "Fertig: 100 %",
  idempotencyKey: "7:tell",
};

test("a mail is delivered over SMTP, and repeats carry the same Message-ID", async (context) => {
  const { deliveries, open } = await startSmtp(context);
  const mailer = open("user:right@");
  const first = await mailer.send(mail);
  const second = await mailer.send(mail);
  assert.equal(first.messageId, second.messageId);
  const { from, to, user, source } = deliveries[0]!;
  assert.deepEqual({ from, to, user }, { from: "noreply@example.com", to: mail.to, user: "user" });
  assert.match(source, /^Subject: =\?UTF-8\?Q\?Gr=C3=BC=C3=9Fe\?=\r$/m);
  assert.match(source, /^Fertig: 100 %\r$/m);
  assert.ok(source.includes(`Message-ID: ${first.messageId}`));
});

test("a subject cannot add headers or recipients", async (context) => {
  const { deliveries, open } = await startSmtp(context);
  await open().send({ ...mail, to: ["a@example.com"], subject: "x\r\nBcc: c@example.com\r\n\r\nbody" });
  assert.deepEqual(deliveries[0]?.to, ["a@example.com"]);
  assert.doesNotMatch(deliveries[0]!.source, /^Bcc:/m);
});

test("a mail refused for good is not tried again, one refused for now is", async (context) => {
  for (const [responseCode, retryable] of [
    [550, false],
    [451, true],
  ] as const) {
    const { open } = await startSmtp(context, {
      onRcptTo: (_address, _session, callback) => callback(Object.assign(new Error("refused"), { responseCode })),
    });
    await assert.rejects(open().send(mail), {
      code: "NOTIFICATION_FAILED",
      retryable,
      details: { cause: `reply ${responseCode}` },
    });
  }
});

test("a wrong password and an absent server are told without the URL's secrets", async (context) => {
  const { open } = await startSmtp(context);
  const absent = createMailer("smtp://user:s3cret@127.0.0.1:1", "noreply@example.com");
  context.after(() => absent.close());
  for (const [mailer, retryable] of [
    [open("user:s3cret@"), false],
    [absent, true],
  ] as const) {
    await assert.rejects(mailer.send(mail), (error: Error & { code: string; retryable: boolean; details: object }) => {
      assert.deepEqual([error.code, error.retryable], ["NOTIFICATION_FAILED", retryable]);
      assert.doesNotMatch(error.message + JSON.stringify(error.details), /s3cret/);
      return true;
    });
  }
});
