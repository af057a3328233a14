import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { FastifySwaggerUiOptions } from "@fastify/swagger-ui";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { errorEnvelope } from "./errors.ts";

export const VERSION = "1.0.0";

const description = `Workflow automation: templates, workflows, executions step by step, files.

Every error has the same shape (\`Error\`); branch on \`error_code\`. Every path answers with and without a trailing slash.
Answers carry \`X-Correlation-ID\`: the one that was sent, or a new one. Limited ones carry \`X-RateLimit-Limit\`,
\`X-RateLimit-Remaining\` and \`X-RateLimit-Reset\` (epoch seconds), and with 429 also \`Retry-After\` (seconds).`;

export function documentOptions(): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Stepwire", version: VERSION, description, license: { name: "MIT", identifier: "MIT" } },
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
    transformObject: jsonSchemaTransformObject,
  };
}

/** Served from the package's own files; the policy keeps the browser from loading anything else. */
export const documentPage: FastifySwaggerUiOptions = {
  routePrefix: "/docs",
  staticCSP: true,
  uiConfig: { persistAuthorization: true, validatorUrl: null },
  theme: { title: "Stepwire REST API" },
};

/** The errors that any route of this kind may answer with. */
export function refusals(...statuses: readonly number[]) {
  return Object.fromEntries([...statuses, 500].map((status) => [status, errorEnvelope]));
}
