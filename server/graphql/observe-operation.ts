import type { OperationDefinitionNode } from "graphql";

/**
 * Called with each operation as it comes, whichever way it comes.
 * @param traceparent what the client sent with the operation, where no request carries it
 */
export type ObserveOperation = (correlationId: string, traceparent: string | null) => ObservedOperation;

/** Told how an operation goes: `answered` or `started`, once. */
export interface ObservedOperation {
  /** What the work starts belongs to the operation's trace. */
  run<T>(work: () => T): T;
  /** `operation`: undefined when none could be read. */
  answered(operation: OperationDefinitionNode | undefined, isFailed: boolean): void;
  /** Of a subscription that was not refused. @returns what is to be called when it is over */
  started(operation: OperationDefinitionNode): () => void;
}

/** For whoever does not want to know. */
export const unobserved: ObserveOperation = () => ({
  run: (work) => work(),
  answered: () => {},
  started: () => () => {},
});
