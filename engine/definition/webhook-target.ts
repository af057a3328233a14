import { z } from "zod";
import { type CompileOptions, compileTemplate, hasPlaceholder, type Template } from "../expression/index.ts";
import { type JsonValue, type WebhookEventType, webhookEventTypes } from "../model/index.ts";
import { SECRET_FORM, secretKey } from "../secret/index.ts";
import { findSchemaIssues, toIssue } from "./index.ts";

const MAX_TARGETS = 10;
const MAX_URL_LENGTH = 2_048;
const MAX_SECRET_LENGTH = 255;

const target = z.strictObject({
  url: z.string().min(1).max(MAX_URL_LENGTH).describe("Where to POST: http or https. May hold `{{env.NAME}}`."),
  events: z
    .array(z.enum(webhookEventTypes))
    .min(1)
    .optional()
    .describe(`Which events are sent: ${webhookEventTypes.join(", ")}. Default: all four.`),
  secret: z
    .string()
    .max(MAX_SECRET_LENGTH)
    .optional()
    .describe(`Signs each message: ${SECRET_FORM}; best as \`{{env.NAME}}\`. Default: messages are not signed.`),
});

/** `workflow_config.webhooks`. */
export const webhooksSchema = z
  .array(target)
  .max(MAX_TARGETS)
  .describe(`Who is told of what executions of this workflow do: at most ${MAX_TARGETS} targets.`);

/** A target of a workflow version. */
export interface WebhookTarget {
  /** As it was written: with placeholders instead of secrets. */
  readonly url: string;
  readonly events: ReadonlySet<WebhookEventType>;
  readonly urlTemplate: Template;
  readonly secretTemplate: Template | null;
}

interface TargetContext extends Pick<CompileOptions, "env" | "issues" | "effort"> {
  /** In a workflow template, a bare `{{name}}` is a parameter that is still to be filled in. */
  readonly isTemplate: boolean;
}

/** Reads `webhooks` of a definition. Targets belong to the version: an execution tells those of the one it is pinned to. */
export function compileTargets(input: JsonValue | undefined, path: string, context: TargetContext): WebhookTarget[] {
  if (input === undefined || input === null) return [];
  const { isTemplate, issues, ...rest } = context;
  const broken = findSchemaIssues(webhooksSchema, input);
  issues.push(...broken.map((issue) => toIssue(issue, path)));
  if (broken.length > 0) return [];
  const compile = (text: string, at: string): Template => {
    if (!isTemplate && hasPlaceholder(withoutVariables(text))) {
      issues.push({ path: at, message: "may hold {{env.NAME}} and no other placeholder" });
    }
    return compileTemplate(text, { ...rest, path: at, urls: [at], issues, allowParameters: isTemplate });
  };
  return webhooksSchema.parse(input).map(({ url, secret, events = webhookEventTypes }, index) => {
    const [urlPath, secretPath] = [`${path}[${index}].url`, `${path}[${index}].secret`];
    if (!hasPlaceholder(url) && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      issues.push({ path: urlPath, message: "must be an http:// or https:// URL" });
    }
    if (secret !== undefined && !hasPlaceholder(secret) && !secretKey(secret)) {
      issues.push({ path: secretPath, message: `must be ${SECRET_FORM}` });
    }
    return {
      url,
      events: new Set(events),
      urlTemplate: compile(url, urlPath),
      secretTemplate: secret === undefined ? null : compile(secret, secretPath),
    };
  });
}

/** Where a target is depends on the installation alone, never on an execution's data: that comes from outside. */
function withoutVariables(text: string): string {
  return text.replace(/\{\{\s*(?:raw\s+)?env\.[A-Za-z_]\w*\s*\}\}/g, "");
}
