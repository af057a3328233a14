import { createHash } from "node:crypto";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type IdGenerator, RandomIdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";
import type { FastifyRequest } from "fastify";
import type { AttemptEnd, ExecutionRecord, StepContext } from "../../engine/index.ts";
import type { OperationTrace, RequestTrace } from "./request-trace.ts";

/** Parent id of an execution that no request started: its span is the root. */
const NO_PARENT = "0000000000000001";
const SAMPLED = 1;

/** Spans over OTLP/HTTP. Loaded only when an endpoint is set. */
export class Tracing {
  private readonly ids = new ChosenIds();
  private readonly provider: TracerProvider;
  private readonly tracer;
  private readonly requests = new WeakMap<FastifyRequest, Span>();
  /** Attempts in hand, by the traceparent that they were given. */
  private readonly attempts = new Map<string, Span>();

  /** `endpoint`: without the `/v1/traces` that OTLP adds. */
  constructor(endpoint: string, serviceName: string) {
    const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": serviceName }),
      idGenerator: this.ids,
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.tracer = this.provider.getTracer("stepwire");
  }

  requestStarted(request: FastifyRequest, name: string, traceparent: string | null): RequestTrace {
    const span = this.served(name, traceparent, request.id, { "http.request.method": request.method });
    this.requests.set(request, span);
    return traceOf(span);
  }

  /** Of a WebSocket: no request carries it. */
  operationStarted(correlationId: string, traceparent: string | null): OperationTrace {
    const span = this.served("graphql", traceparent, correlationId);
    return { ...traceOf(span), end: () => span.end() };
  }

  requestAnswered(request: FastifyRequest, status: number): void {
    const span = this.requests.get(request);
    span?.setAttribute("http.response.status_code", status);
    if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  /** For an execution that no request started. */
  newTrace(): string {
    return format({ traceId: this.ids.generateTraceId(), spanId: NO_PARENT, traceFlags: SAMPLED });
  }

  /** Null: its execution is not traced. */
  attemptStarted(type: string, context: StepContext): string | null {
    if (context.traceparent === null) return null;
    const { traceId, traceFlags } = parse(context.traceparent);
    if ((traceFlags & SAMPLED) === 0) return null;
    const attributes: Attributes = {
      "stepwire.execution_id": context.executionId,
      "stepwire.workflow_id": context.workflowId,
      "stepwire.step_type": type,
      "stepwire.attempt": context.attempt,
    };
    const parent = contextOf({ traceId, spanId: spanIdOf(context.executionId), traceFlags, isRemote: true });
    const span = this.tracer.startSpan(`step ${context.stepName}`, { attributes }, parent);
    const traceparent = format(span.spanContext());
    this.attempts.set(traceparent, span);
    return traceparent;
  }

  attemptEnded(end: AttemptEnd, { traceparent }: StepContext): void {
    const span = traceparent === null ? undefined : this.attempts.get(traceparent);
    if (!span || traceparent === null) return;
    this.attempts.delete(traceparent);
    span.setAttribute("stepwire.result", end);
    if (end === "failed") span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  /**
   * The span of an execution is made when it has ended, whichever process sees that: its id follows from the
   * execution's, so that the steps could name it as their parent long before.
   */
  executionEnded(execution: ExecutionRecord): void {
    if (execution.traceparent === null) return;
    const { traceId, spanId, traceFlags } = parse(execution.traceparent);
    const parentSpan = execution.parentId === null ? spanId : spanIdOf(execution.parentId);
    const isRoot = execution.parentId === null && spanId === NO_PARENT;
    const attributes: Attributes = {
      "stepwire.execution_id": execution.id,
      "stepwire.workflow_id": execution.workflowId,
      "stepwire.trigger": execution.triggerType,
      "stepwire.status": execution.status,
      ...(execution.correlationId === null ? {} : { "stepwire.correlation_id": execution.correlationId }),
    };
    this.ids.next(spanIdOf(execution.id), isRoot ? traceId : undefined);
    const span = this.tracer.startSpan(
      `execution of workflow ${execution.workflowId}`,
      { startTime: execution.createdAt, attributes, root: isRoot },
      isRoot ? ROOT_CONTEXT : contextOf({ traceId, spanId: parentSpan, traceFlags, isRemote: true }),
    );
    if (execution.status !== "completed") {
      span.setStatus({ code: SpanStatusCode.ERROR, message: execution.error?.message ?? execution.status });
    }
    span.end(execution.completedAt ?? Date.now());
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    await this.provider.shutdown();
  }

  private served(name: string, traceparent: string | null, correlationId: string, more: Attributes = {}): Span {
    const parent = traceparent === null ? ROOT_CONTEXT : contextOf(parse(traceparent));
    const attributes = { ...more, "stepwire.correlation_id": correlationId };
    return this.tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
  }
}

/** Random ids, unless the next ones were chosen. */
class ChosenIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  private spanId: string | undefined;
  private traceId: string | undefined;

  generateSpanId(): string {
    const chosen = this.spanId;
    this.spanId = undefined;
    return chosen ?? this.random.generateSpanId();
  }

  generateTraceId(): string {
    const chosen = this.traceId;
    this.traceId = undefined;
    return chosen ?? this.random.generateTraceId();
  }

  next(spanId: string, traceId: string | undefined): void {
    this.spanId = spanId;
    this.traceId = traceId;
  }
}

function spanIdOf(executionId: number): string {
  return createHash("sha256").update(`execution:${executionId}`).digest("hex").slice(0, 16);
}

function traceOf(span: Span): RequestTrace {
  return { traceparent: format(span.spanContext()), rename: (better) => void span.updateName(better) };
}

function contextOf(span: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, span);
}

/** Of a checked traceparent. */
function parse(traceparent: string): SpanContext {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function format({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
