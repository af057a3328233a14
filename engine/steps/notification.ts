import { z } from "zod";
import {
  DEFAULT_TIMEOUT_SECONDS,
  type HttpClient,
  MAX_TIMEOUT_SECONDS,
  redirectStatuses,
  statusError,
} from "../http/index.ts";
import type { Mailer } from "../mail/index.ts";
import { type StepContext, StepError, type StepType } from "../model/index.ts";
import { jsonObject, jsonValue } from "./json-schema.ts";
import { logLevels, messageText } from "./log.ts";

const message = jsonValue.describe("The text; any other JSON value is written as JSON.");
const address = z.email().max(320);

const webhookConfig = z.strictObject({
  type: z.literal("webhook"),
  webhook_url: z
    .string()
    .regex(/^https?:\/\//i, "must be an http:// or https:// URL")
    .describe("Where to POST the notification: http or https."),
  message,
  data: jsonObject
    .default({})
    .describe("Further fields of the JSON body; they replace the usual ones of the same name."),
  headers: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe("Further request headers."),
  timeout_seconds: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_SECONDS)
    .default(DEFAULT_TIMEOUT_SECONDS)
    .describe("For the whole request, in seconds."),
});

const logConfig = z.strictObject({
  type: z.literal("log"),
  message,
  level: z.enum(logLevels).default("info").describe("debug, info, warning or error."),
});

const emailConfig = z.strictObject({
  type: z.literal("email"),
  to: z.union([address, z.array(address).min(1).max(100)]).describe("Recipient, or a list of 1 to 100 recipients."),
  subject: z.string().min(1).max(998).describe("Subject line."),
  message,
});

const config = z.discriminatedUnion("type", [webhookConfig, logConfig, emailConfig]);

const output = z.object({
  sent: z.literal(true),
  type: z.enum(["webhook", "log", "email"]),
  status_code: z.int().exactOptional().describe("Of the webhook's answer."),
  message_id: z.string().exactOptional().describe("Of the email."),
});

type Config = z.output<typeof config>;
interface Output {
  readonly sent: true;
  readonly type: Config["type"];
  readonly status_code?: number;
  readonly message_id?: string;
}

const docs = `Tells somebody, in one of three ways (\`type\`):

- \`webhook\`: POSTs JSON \`{message, text, execution_id, workflow_id, step}\` to \`webhook_url\`; \`text\` repeats the message for chat services. A redirect is not followed: it would carry the message no further.
  The fields of \`data\` are added and win. Any 2xx is success. \`timeout_seconds\` default 30, at most 3,600.
- \`log\`: writes \`message\` to the execution's log at \`level\` (default \`info\`).
- \`email\`: sends \`message\` as plain text \`to\` one address or up to 100, with \`subject\`. Needs \`SMTP_URL\`.

Output: \`{sent: true, type}\`, with \`status_code\` for a webhook and \`message_id\` for an email.
Errors: those of \`http_request\` for a webhook; \`NOTIFICATION_FAILED\` for an email, retried unless SMTP is not configured or the server
refused the mail for good.

\`\`\`json
{ "name": "tell", "type": "notification",
  "config": { "type": "webhook", "webhook_url": "{{env.NOTIFICATION_WEBHOOK_URL}}", "message": "Document {{trigger.file_id}} is done" } }
\`\`\`
`;

interface Services {
  readonly http: HttpClient;
  readonly mailer: Mailer | null;
}

export function notification({ http, mailer }: Services): StepType<Config, Output> {
  return {
    type: "notification",
    summary: "Sends a message to a webhook, the log or by email.",
    docs,
    config,
    output,
    urls: ["webhook_url"],
    effect: "external",
    example: ({ type }) => ({ sent: true, type }),
    run(settings, context) {
      switch (settings.type) {
        case "webhook":
          return sendWebhook(http, settings, context);
        case "email":
          return sendEmail(mailer, settings, context);
        case "log":
          context.log(settings.level, messageText(settings.message));
          return { sent: true, type: "log" };
      }
    },
  };
}

async function sendWebhook(
  http: HttpClient,
  settings: z.output<typeof webhookConfig>,
  context: StepContext,
): Promise<Output> {
  const text = messageText(settings.message);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "idempotency-key": context.idempotencyKey,
  };
  for (const [name, value] of Object.entries(settings.headers)) headers[name.toLowerCase()] = String(value);
  const response = await http.request({
    url: settings.webhook_url,
    method: "POST",
    headers,
    body: JSON.stringify({
      message: text,
      text,
      execution_id: context.executionId,
      workflow_id: context.workflowId,
      step: context.stepName,
      ...settings.data,
    }),
    timeoutSeconds: settings.timeout_seconds,
    // Followed, most of them would become a GET without the message.
    finalStatuses: redirectStatuses,
    tenantId: context.tenantId,
    memory: context.memory,
    signal: context.signal,
  });
  if (response.status < 200 || response.status > 299) throw statusError(response);
  return { sent: true, type: "webhook", status_code: response.status };
}

async function sendEmail(
  mailer: Mailer | null,
  settings: z.output<typeof emailConfig>,
  context: StepContext,
): Promise<Output> {
  if (!mailer) {
    throw new StepError("NOTIFICATION_FAILED", "email is not configured: set SMTP_URL", { retryable: false });
  }
  const { messageId } = await mailer.send({
    to: [settings.to].flat(),
    subject: settings.subject,
    text: messageText(settings.message),
    idempotencyKey: context.idempotencyKey,
  });
  return { sent: true, type: "email", message_id: messageId };
}
