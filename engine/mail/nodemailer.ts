import { createHash } from "node:crypto";
import type { SendMailOptions } from "nodemailer";
import { StepError } from "../model/index.ts";
import type { Mailer } from "./mailer.ts";

/** A server that has not answered by then is not there. */
const CONNECT_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 30_000;
/** A 5xx reply: the server will refuse the same mail again. */
const FIRST_PERMANENT_REPLY = 500;

/**
 * A mailer over SMTP. `smtpUrl` is `smtp://user:password@host:port` or `smtps://…`; `from` an address such as
 * `Stepwire <noreply@example.com>`. The library is loaded with the first mail.
 */
export function createMailer(smtpUrl: string, from: string): Mailer & { close(): Promise<void> } {
  const connect = async () => {
    const { createTransport } = await import("nodemailer");
    return createTransport({
      url: smtpUrl,
      pool: true,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
    });
  };
  let transport: ReturnType<typeof connect> | null = null;
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? "localhost";

  return {
    async send(mail) {
      transport ??= connect();
      const message: SendMailOptions = {
        from,
        to: [...mail.to],
        subject: mail.subject,
        text: mail.text,
        messageId: `<${createHash("sha256").update(mail.idempotencyKey).digest("hex").slice(0, 32)}@${domain}>`,
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      try {
        const info = await (await transport).sendMail(message);
        return { messageId: info.messageId };
      } catch (error) {
        const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
        const reply = typeof responseCode === "number" ? responseCode : null;
        const reason = reply === null ? String(code ?? "UNKNOWN") : `reply ${reply}`;
        throw new StepError("NOTIFICATION_FAILED", `the mail could not be sent (${reason})`, {
          retryable: reply === null || reply < FIRST_PERMANENT_REPLY,
          details: { cause: reason },
          cause: error,
        });
      }
    },
    async close() {
      (await transport)?.close();
    },
  };
}
