import { AsyncLocalStorage } from "node:async_hooks";

/** The trace of what is being served. */
export interface RequestTrace {
  /** W3C trace context: of our span when traces are exported, else as the client sent it. */
  readonly traceparent: string;
  /** Gives its span a better name than it was begun with. */
  rename?(name: string): void;
}

/** That of a GraphQL operation which no request carries. */
export interface OperationTrace extends RequestTrace {
  /** Ends its span, when there is one. */
  end?(): void;
}

const storage = new AsyncLocalStorage<RequestTrace>();

export const currentTrace = (): RequestTrace | undefined => storage.getStore();

export const withTrace = <T>(trace: RequestTrace, serve: () => T): T => storage.run(trace, serve);

/** Version 00; neither id may be all zeros. */
const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The header `traceparent`, when it is a valid one. */
export function traceparentIn(headers: Readonly<Record<string, unknown>>): string | null {
  const { traceparent } = headers;
  return typeof traceparent === "string" && pattern.test(traceparent) ? traceparent : null;
}
