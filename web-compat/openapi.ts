import { STATUS_CODES } from "node:http";
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { FastifySwaggerUiOptions } from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { type JsonValue, StoredJson } from "../engine/index.ts";
import { errorEnvelope } from "./errors.ts";

export const VERSION = "1.0.0";

/** What an API calls itself. */
export interface ApiText {
  readonly title: string;
  readonly about: string;
}

const rules = `Every error has the same shape (\`Error\`); branch on \`error_code\`. Every path answers with and without a trailing slash.
Answers carry \`X-Correlation-ID\`: the one that was sent, or a new one. Limited ones carry \`X-RateLimit-Limit\`,
\`X-RateLimit-Remaining\` and \`X-RateLimit-Reset\` (epoch seconds), and with 429 also \`Retry-After\` (seconds).
While the database cannot serve a request within REQUEST_TIMEOUT_SECONDS it is answered with 503 \`DATABASE_UNAVAILABLE\` and
\`Retry-After\`; \`detail\` says whether something may have been stored. A start with an idempotency key may be sent again in any case.
While the service starts, every path but \`/live\` answers 503 \`NOT_READY\`, with \`Retry-After\`.`;

export const engineApiText: ApiText = {
  title: "Stepwire",
  about: "Workflow automation: templates, workflows, executions step by step, files.",
};

export function documentOptions({ title, about }: ApiText): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title,
        version: VERSION,
        description: `${about}\n\n${rules}`,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "`Authorization: Bearer KEY`" },
          header: { type: "apiKey", in: "header", name: "X-API-Key", description: "For older clients." },
        },
      },
      security: [{ bearer: [] }, { header: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => finished(jsonSchemaTransformObject(document)),
  };
}

/** What the generator cannot know: which bodies may be left out. And what it leaves unsaid: names of statuses. */
function finished<T extends object>(document: T): T {
  const { paths = {} } = document as { paths?: Record<string, Record<string, GeneratedOperation>> };
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const { requestBody, responses } = operation;
    const schemas = Object.values(requestBody?.content ?? {}).map(({ schema }) => schema ?? {});
    if (requestBody && schemas.every(takesNothing)) requestBody.required = false;
    for (const [status, response] of Object.entries(responses ?? {})) {
      if (response.description === "Default Response") response.description = STATUS_CODES[status] ?? "Answer";
    }
  }
  return document;
}

interface GeneratedOperation {
  readonly requestBody?: { required?: boolean; readonly content?: Record<string, { readonly schema?: object }> };
  readonly responses?: Record<string, { description?: string }>;
}

function takesNothing(schema: {
  readonly type?: unknown;
  readonly anyOf?: readonly { readonly type?: unknown }[];
}): boolean {
  return Object.keys(schema).length === 0 || (schema.anyOf?.some(({ type }) => type === "null") ?? false);
}

const wordmark = `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40" viewBox="0 0 150 40">
<text x="0" y="28" font-family="sans-serif" font-size="26" font-weight="600" fill="#fff">Stepwire</text></svg>`;

/** Served from the package's own files; the policy keeps the browser from loading anything else. */
export function documentPage({ title }: ApiText): FastifySwaggerUiOptions {
  return {
    routePrefix: "/docs",
    staticCSP: true,
    uiConfig: { persistAuthorization: true, validatorUrl: null },
    logo: { type: "image/svg+xml", content: Buffer.from(wordmark), href: "/docs", target: "_self" },
    theme: { title: `${title} REST API` },
  };
}

/** The errors that any route of this kind may answer with. */
export function refusals(...statuses: readonly number[]) {
  return Object.fromEntries([...statuses, 500, 503].map((status) => [status, errorEnvelope]));
}

const written = new WeakMap<FastifyInstance, object>();

/** With its text made once: it has 100 KB, and needs no key. */
export function writtenDocument(server: FastifyInstance): object {
  const known = written.get(server) ?? (StoredJson.written(server.swagger() as unknown as JsonValue) as object);
  written.set(server, known);
  return known;
}
