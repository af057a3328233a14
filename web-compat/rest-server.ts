import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Actor, DomainError, Engine, ErrorCode, RateLimitClass, Scope } from "../engine/index.ts";

/** What a route asks of the key; `open` asks for none. */
type Access = "open" | Scope;

/** What the REST face is made over. */
export interface RestOptions {
  readonly engine: Engine;
  /** Whose key the request carries; throws DomainError UNAUTHENTICATED, or RATE_LIMITED for whoever tries keys. */
  readonly authenticate: (request: IncomingMessage) => Promise<Actor>;
  /** Looks up whose a hook's token is, unless too many unknown ones came from there. Default: it always does. */
  readonly braked?: <T>(
    request: IncomingMessage,
    secret: string,
    look: () => Promise<T | null>,
  ) => Promise<T | DomainError | null>;
  /** What /health calls this service. Default `automation-services`. */
  readonly serviceName?: string;
  /** Only what is asked of any process: /health, /ready, /live, /metrics. Default false. */
  readonly probesOnly?: boolean;
  /** Default: always ready. */
  readonly readiness?: () => "ready" | "stopping";
  /** Whether the saga API works; null: this process has none. Default null. */
  readonly sagaOrchestrator?: () => boolean | null;
  /** What /metrics answers. Absent: there is no such route. */
  readonly metrics?: { readonly access: Access; readonly contentType: string; read(): Promise<string> };
  /** Whether an answer that breaks its own schema becomes a 500. Default false: the tests prove that none does. */
  readonly strictResponses?: boolean;
}

export type RestServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyContextConfig {
    readonly access?: Access;
    readonly limit?: RateLimitClass;
    /** Of that budget, for what does many things at once. Default 1. */
    readonly points?: number;
    /** Where the documented API has another status for a code than the table in errors.ts. */
    readonly statuses?: Readonly<Partial<Record<ErrorCode, number>>>;
  }
}
