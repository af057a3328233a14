import { createHash } from "node:crypto";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { DomainError, type JsonObject } from "../engine/index.ts";
import { auditRefusal } from "./audit.ts";
import { id } from "./fields.ts";
import { spend } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const MAX_TOKEN_LENGTH = 100;
const NO_BODY = Buffer.alloc(0);

const description = `Starts the workflow of the hook, with trigger type \`webhook\` and trigger data \`{body, headers, query, received_at}\`.

Needs no API key: the token in the address says which hook it is, and unless the hook takes unsigned calls, the body is signed with its
secret: after Standard Webhooks (\`webhook-id\`, \`webhook-timestamp\`, \`webhook-signature\`), or as GitHub does
(\`X-Hub-Signature-256\`). A call with the \`webhook-id\`, \`Idempotency-Key\` or \`X-GitHub-Delivery\` of an earlier one gives the
execution that the earlier one started.`;

/** `/hooks/{token}`: inbound webhooks. The body is taken byte for byte, whatever its type: signatures are made over these. */
export function serveHooks(
  server: RestServer,
  { engine, braked = (_request, _token, look) => look() }: RestOptions,
): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/hooks/:token",
      {
        config: { access: "open" },
        // Before the body is read: the token is a key, too.
        onRequest: async (request, reply) => {
          const { token } = request.params as { readonly token: string };
          const known = await braked(request.raw, token, () => isKnown(engine, token));
          if (known instanceof DomainError) throw known;
          if (known === null) {
            const refusal = new DomainError("HOOK_NOT_FOUND", "Hook not found", { field: "hook_id" });
            await auditRefusal({ engine }, request, refusal);
            throw refusal;
          }
          await spend(engine.rateLimiter, reply, budgetOf(token), "execution");
        },
        schema: {
          tags: ["hooks"],
          operationId: "callHook",
          summary: "Call an inbound webhook",
          description,
          security: [],
          consumes: ["application/json", "text/plain", "application/x-www-form-urlencoded"],
          params: z.strictObject({
            token: z.string().min(1).max(MAX_TOKEN_LENGTH).describe("Shown once, when it was made."),
          }),
          body: z.unknown().optional().describe("JSON or text, at most 1 MiB: `{{trigger.body}}`."),
          response: {
            200: z.strictObject({ message: z.string(), execution_id: id, workflow_id: id }),
            ...refusals(400, 401, 404, 409, 429, 503),
          },
        },
      },
      async (request) => {
        const { token } = request.params;
        const execution = await engine.hooks.receive(token, {
          headers: request.headers,
          rawBody: (request.body as Buffer | undefined) ?? NO_BODY,
          query: request.query as JsonObject,
          correlationId: request.id,
        });
        return { message: "Webhook accepted", execution_id: execution.id, workflow_id: execution.workflowId };
      },
    );
  });
}

/** A longer one is none of ours: not worth to be looked up. */
async function isKnown({ hooks }: RestOptions["engine"], token: string): Promise<true | null> {
  return token.length <= MAX_TOKEN_LENGTH && (await hooks.isKnown(token)) ? true : null;
}

/** A hook has a budget of its own, by a name that does not give its token away. */
function budgetOf(token: string): string {
  return `hook:${createHash("sha256").update(token).digest("base64url")}`;
}
