import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";
import { DomainError, type ErrorCode, unavailable } from "../engine/index.ts";
import { answerOptions, type Methods } from "./methods.ts";

/** The one table from a domain code to a status, unless a route's config says otherwise. Only 403, 416 and 503 are not of the documented seven. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_FAILED: 400,
  WORKFLOW_CONFIG_REQUIRED: 400,
  INVALID_CRON: 400,
  NOT_FOUND: 404,
  TEMPLATE_NOT_FOUND: 404,
  WORKFLOW_NOT_FOUND: 404,
  EXECUTION_NOT_FOUND: 404,
  STEP_NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  SCHEDULE_NOT_FOUND: 404,
  SAGA_NOT_FOUND: 404,
  SAGA_TYPE_NOT_FOUND: 404,
  VERSION_CONFLICT: 409,
  API_KEY_NOT_FOUND: 404,
  DELIVERY_NOT_FOUND: 404,
  HOOK_NOT_FOUND: 404,
  SIGNATURE_INVALID: 401,
  TIMESTAMP_REFUSED: 401,
  NAME_TAKEN: 409,
  WORKFLOW_NOT_EXECUTABLE: 400,
  IDEMPOTENCY_CONFLICT: 409,
  INVALID_STATE: 400,
  FILE_TOO_LARGE: 400,
  FILE_QUOTA_EXCEEDED: 400,
  ANSWER_TOO_LARGE: 400,
  DESCENDANT_LIMIT: 400,
  FILE_TYPE_NOT_ALLOWED: 400,
  RANGE_NOT_SATISFIABLE: 416,
  FILE_PROCESSING_FAILED: 400,
  FILE_PROCESSING_TIMEOUT: 500,
  FILE_PROCESSING_BUSY: 503,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  LEASE_LOST: 500,
  NOT_READY: 503,
  DATABASE_UNAVAILABLE: 503,
  OVERLOADED: 503,
  SHUTTING_DOWN: 503,
  INTERNAL: 500,
};

const FAULT_DETAIL = "Internal server error. Quote the correlation id when you report it.";

/** What every answer that is no success holds. */
export const errorEnvelope = z
  .strictObject({
    detail: z.string().describe("For people. May change; branch on `error_code`."),
    timestamp: z.iso.datetime().describe("When it happened, UTC."),
    path: z.string().describe("Path of the request."),
    error_code: z.string().describe("For programs. Stable; the same words as GraphQL's `ErrorCode`."),
  })
  .meta({ id: "Error" });

/** Answers whatever a route, a hook or Fastify itself has thrown. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error);
  if (refusal !== null) return sendError(request, reply, refusal);
  // The client went away before it had sent all: there is nobody to answer, and nothing of ours to mend.
  if (request.raw.destroyed && !request.raw.complete) return reply.hijack();
  request.log.error({ err: error }, "fault in a REST request");
  return sendError(request, reply, new DomainError("INTERNAL", FAULT_DETAIL));
}

/** 404 for a method that an address does not take, too: the documented API knows no 405. `Allow` says which it takes. */
export function handleUnknownRoute(methods: Methods) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    answerOptions(methods, request, reply)
      ? reply
      : sendError(request, reply, new DomainError("NOT_FOUND", `There is no ${request.method} ${pathOf(request)}`));
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply {
  const { code, message, retryAfterSeconds } = error;
  const envelope = {
    detail: message,
    timestamp: new Date().toISOString(),
    path: pathOf(request),
    error_code: code,
  };
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  return reply
    .code(request.routeOptions.config.statuses?.[code] ?? statuses[code])
    .type("application/json; charset=utf-8")
    .serializer((value) => JSON.stringify(value))
    .send(envelope);
}

/** What the client can understand and act on; null: a fault of ours. */
function refusalOf(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error.code === "INTERNAL" || error.code === "LEASE_LOST" ? null : error;
  const later = unavailable(error);
  if (later !== null) return later;
  if (hasZodFastifySchemaValidationErrors(error)) {
    return DomainError.invalid(
      error.validation.map(({ instancePath, message = "is not valid" }) => ({
        path: jsonPath(instancePath),
        message,
      })),
    );
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return null;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new DomainError("VALIDATION_FAILED", "The body is too large");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new DomainError("VALIDATION_FAILED", "The body must be application/json");
  }
  return new DomainError("VALIDATION_FAILED", message ?? "Bad request");
}

/** `/steps/0/name` as `steps[0].name`. */
function jsonPath(pointer: string): string {
  const keys = pointer.split("/").filter((key) => key !== "");
  return keys.map((key, i) => (/^\d+$/.test(key) ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
}

function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}
